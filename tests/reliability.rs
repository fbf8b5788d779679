//! Every test that docs/RELIABILITY.md names is there.

use std::path::Path;

#[test]
fn every_test_that_the_fault_table_names_is_there() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = std::fs::read_to_string(project.join("docs/RELIABILITY.md")).unwrap();
    let names: Vec<(&str, &str)> = document.split('`').filter_map(|code| code.split_once("::")).collect();
    assert!(names.len() > 25, "{names:?}");
    for (file, name) in names {
        let path = project.join("tests").join(file).with_extension("rs");
        let source =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(source.contains(&format!("#[test]\nfn {name}()")), "{file}.rs has no test {name}");
    }
}
