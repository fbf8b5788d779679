//! Queries that take one round trip to the server each. The driver's other ones ask it first for the types of the parameters, which
//! is a round trip more; here they follow from the Rust types of the values. Nothing is left in the session: every query is planned for
//! its own values, and for the tables as they are at that moment.

use postgres::types::{ToSql, Type};
use postgres::{Error, GenericClient, Row};
use serde_json::Value;
use time::{Date, PrimitiveDateTime};

/// A parameter of a query.
pub trait Parameter: ToSql + Sync {
    /// Its type in the database.
    fn sql_type(&self) -> Type;
}

/// A value, or the element of a list.
pub trait Scalar: ToSql + Sync {
    /// Its type in the database.
    const TYPE: Type;
    /// That of a list of them.
    const LIST: Type;
}

/// A session, or a transaction in it.
pub trait OneTrip {
    /// The rows of a query.
    ///
    /// # Errors
    /// The server's.
    fn rows(&mut self, query: &str, parameters: &[&dyn Parameter]) -> Result<Vec<Row>, Error>;

    /// The only row of a query.
    ///
    /// # Errors
    /// The server's; there is none, or there are several.
    fn row(&mut self, query: &str, parameters: &[&dyn Parameter]) -> Result<Row, Error>;

    /// The row of a query, if there is one.
    ///
    /// # Errors
    /// The server's; there are several.
    fn row_if_any(&mut self, query: &str, parameters: &[&dyn Parameter]) -> Result<Option<Row>, Error>;

    /// Makes changes; returns how many rows are concerned.
    ///
    /// # Errors
    /// The server's.
    fn change(&mut self, statement: &str, parameters: &[&dyn Parameter]) -> Result<u64, Error>;
}

impl<C: GenericClient> OneTrip for C {
    fn rows(&mut self, query: &str, parameters: &[&dyn Parameter]) -> Result<Vec<Row>, Error> {
        self.query_typed(query, &typed(parameters))
    }

    fn row(&mut self, query: &str, parameters: &[&dyn Parameter]) -> Result<Row, Error> {
        self.query_typed_one(query, &typed(parameters))
    }

    fn row_if_any(&mut self, query: &str, parameters: &[&dyn Parameter]) -> Result<Option<Row>, Error> {
        self.query_typed_opt(query, &typed(parameters))
    }

    fn change(&mut self, statement: &str, parameters: &[&dyn Parameter]) -> Result<u64, Error> {
        self.execute_typed(statement, &typed(parameters))
    }
}

fn typed<'a>(parameters: &'a [&'a dyn Parameter]) -> Vec<(&'a (dyn ToSql + Sync), Type)> {
    parameters.iter().map(|parameter| (*parameter as &(dyn ToSql + Sync), parameter.sql_type())).collect()
}

impl<T: Scalar> Parameter for T {
    fn sql_type(&self) -> Type {
        T::TYPE
    }
}

impl<T: Scalar> Parameter for Vec<T> {
    fn sql_type(&self) -> Type {
        T::LIST
    }
}

impl<T: Scalar> Parameter for &[T] {
    fn sql_type(&self) -> Type {
        T::LIST
    }
}

impl<T: Scalar> Scalar for Option<T> {
    const TYPE: Type = T::TYPE;
    const LIST: Type = T::LIST;
}

impl<T: Scalar> Scalar for &T {
    const TYPE: Type = T::TYPE;
    const LIST: Type = T::LIST;
}

/// What the types of the crates that we use are called in the database.
macro_rules! scalars {
    ($($rust:ty: $one:ident, $list:ident;)*) => {
        $(impl Scalar for $rust {
            const TYPE: Type = Type::$one;
            const LIST: Type = Type::$list;
        })*
    };
}

scalars! {
    bool: BOOL, BOOL_ARRAY;
    i32: INT4, INT4_ARRAY;
    i64: INT8, INT8_ARRAY;
    f64: FLOAT8, FLOAT8_ARRAY;
    &str: TEXT, TEXT_ARRAY;
    String: TEXT, TEXT_ARRAY;
    Value: JSONB, JSONB_ARRAY;
    Date: DATE, DATE_ARRAY;
    PrimitiveDateTime: TIMESTAMP, TIMESTAMP_ARRAY;
}
