//! Enough of JSON Schema to hold answers against `openapi.json`: types, members, lists, choices, constants, limits.
//! What is not known here fails, so that nothing in the file is believed without being checked.

use serde_json::Value;

/// Holds a value against a named schema; says where it does not fit.
pub(crate) fn check(description: &Value, name: &str, value: &Value) -> Result<(), String> {
    let schema = &description["components"]["schemas"][name];
    fits(description, schema, value).map_err(|error| format!("{name}{error}"))
}

fn fits(all: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let schema = schema.as_object().ok_or_else(|| ": no such schema".to_owned())?;
    for (word, rule) in schema {
        match word.as_str() {
            "$ref" => {
                let name = rule.as_str().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
                check(all, name, value).map_err(|error| format!(" → {error}"))?;
            }
            "oneOf" => {
                let choices = rule.as_array().expect("choices");
                let tried: Vec<_> = choices.iter().map(|choice| fits(all, choice, value)).collect();
                let n = tried.iter().filter(|fit| fit.is_ok()).count();
                if n != 1 {
                    let why: Vec<_> = tried.into_iter().filter_map(Result::err).collect();
                    return Err(format!(": {n} choices fit {value}: {why:?}"));
                }
            }
            "type" => {
                let is = match rule.as_str().expect("a type") {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "boolean" => value.is_boolean(),
                    "integer" => value.is_i64(),
                    "number" => value.is_number(),
                    "null" => value.is_null(),
                    other => return Err(format!(": type {other}")),
                };
                if !is {
                    return Err(format!(": {value} is no {rule}"));
                }
            }
            "properties" => {
                for (name, value) in value.as_object().into_iter().flatten() {
                    if let Some(rule) = rule.get(name) {
                        fits(all, rule, value).map_err(|error| format!(".{name}{error}"))?;
                    }
                }
            }
            "additionalProperties" => {
                for (name, value) in value.as_object().into_iter().flatten() {
                    let described = schema.get("properties").is_some_and(|known| known.get(name).is_some());
                    if !described && *rule == false {
                        return Err(format!(": member {name} is not described"));
                    }
                    if !described && rule.is_object() {
                        fits(all, rule, value).map_err(|error| format!(".{name}{error}"))?;
                    }
                }
            }
            "required" => {
                let missing =
                    rule.as_array().expect("names").iter().find(|name| value.get(name.as_str().unwrap()).is_none());
                if let Some(name) = missing {
                    return Err(format!(": {name} is missing"));
                }
            }
            "items" => {
                for (at, value) in value.as_array().into_iter().flatten().enumerate() {
                    fits(all, rule, value).map_err(|error| format!("[{at}]{error}"))?;
                }
            }
            "enum" if !rule.as_array().expect("words").contains(value) => {
                return Err(format!(": {value} is not of {rule}"));
            }
            "const" if rule != value => return Err(format!(": {value} is not {rule}")),
            "minimum" if value.as_f64() < rule.as_f64() => return Err(format!(": {value} < {rule}")),
            "maximum" if value.as_f64() > rule.as_f64() => return Err(format!(": {value} > {rule}")),
            "maxItems" if value.as_array().map(Vec::len) > rule.as_u64().map(|n| n as usize) => {
                return Err(format!(": more than {rule}"));
            }
            "enum" | "const" | "minimum" | "maximum" | "maxItems" | "description" | "format" | "default" => {}
            other => return Err(format!(": the rule {other} is not known here")),
        }
    }
    Ok(())
}
