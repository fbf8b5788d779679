//! Queries in one round trip: the server takes every value for what it is.

mod support;

use serde_json::{Value, json};
use support::TestDatabase;
use teelo::db::{OneTrip, Parameter};
use time::macros::{date, datetime};

#[test]
fn the_types_of_parameters_follow_from_the_values() {
    let database = TestDatabase::empty("one_trip");
    let mut client = database.client();
    let moment = datetime!(2026-01-05 11:30);
    let cases: [(&dyn Parameter, &str); 16] = [
        (&true, "boolean"),
        (&1_i32, "integer"),
        (&1_i64, "bigint"),
        (&0.5_f64, "double precision"),
        (&"text", "text"),
        (&"text".to_owned(), "text"),
        (&json!({"a": 1}), "jsonb"),
        (&date!(2026 - 01 - 05), "date"),
        (&moment, "timestamp without time zone"),
        (&None::<i32>, "integer"),
        (&Some("text"), "text"),
        (&vec![1_i32, 2], "integer[]"),
        (&Vec::<Option<String>>::new(), "text[]"),
        (&["a", "b"].as_slice(), "text[]"),
        (&vec![Value::Null], "jsonb[]"),
        (&vec![Some(date!(2026 - 01 - 05)), None], "date[]"),
    ];
    for (value, expected) in cases {
        let row = client.row(include_str!("sql/type_of.sql"), &[value]).unwrap();
        assert_eq!(row.get::<_, &str>(0), expected);
    }
}
