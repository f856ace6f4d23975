//! The reference files (`reference/README.md`) and the comparison of figures with them.

use serde_json::Value;

/// A file of a set.
pub(crate) fn read(set: &str, file: &str) -> Vec<u8> {
    let path = format!("{}/tests/reference/{set}/{file}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Compares all that is expected; null there means that there is nothing to compare. Returns how many figures agreed.
fn compare(path: &str, expected: &Value, got: &Value) -> usize {
    match expected {
        Value::Null => 0,
        Value::Object(fields) => fields.iter().map(|(key, e)| compare(&format!("{path}.{key}"), e, &got[key])).sum(),
        Value::Array(items) => {
            let length = got.as_array().map(Vec::len);
            assert_eq!(length, Some(items.len()), "{path}: another number of items");
            items.iter().enumerate().map(|(i, e)| compare(&format!("{path}[{i}]"), e, &got[i])).sum()
        }
        Value::Number(_) => {
            let e = expected.as_f64().unwrap();
            let g = got.as_f64().unwrap_or_else(|| panic!("{path}: expected {e}, got {got}"));
            assert!((g - e).abs() <= 1e-9 * e.abs(), "{path}: expected {e}, got {g}");
            1
        }
        other => {
            assert_eq!(other, got, "{path}");
            1
        }
    }
}

/// Every figure that is expected of the set is there, to 1e-9, relative; at least so many were compared.
pub(crate) fn agrees(set: &str, file: &str, got: &Value, at_least: usize) {
    let expected: Value = serde_json::from_slice(&read(set, file)).unwrap();
    let agreed = compare(set, &expected, got);
    assert!(agreed >= at_least, "only {agreed} figures were compared");
}
