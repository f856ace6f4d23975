//! A small form for the tests of this room: every kind of question, routing of a factor, of criteria behind a gate,
//! and of a fact behind a fact.

use serde_json::{Value, json};

use super::questionnaire::Questionnaire;

fn text(vi: &str) -> Value {
    json!({ "vi": vi, "en": format!("{vi} (en)") })
}

fn criterion(code: &str) -> Value {
    json!({ "code": code, "text": text(code), "source": "sourced" })
}

fn criteria(codes: &[&str]) -> Value {
    codes.iter().copied().map(criterion).collect()
}

fn options(codes: &[&str]) -> Value {
    codes.iter().map(|code| json!({ "code": code, "text": text(code) })).collect()
}

/// The form as it would stand in a file. Factors: `1` (1.1 to 1.4), `2` (2.1, 2.2, asked when the result was
/// received), `3` (3.1 and, behind the gate, 3.2; optional).
pub(crate) fn form_json() -> Value {
    let many: Vec<String> = (0..32).map(|i| format!("o{i}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    json!({
        "key": "thu", "version": 1, "title": text("Phiếu thử"), "short_title": text("Thử"),
        "service": "administrative", "method": "thu",
        "legal_basis": [{ "document": "Quyết định thử", "date": "2018-03-19", "gives": text("mẫu") }],
        "source_note": text("ghi chú"), "tap": text("chung"),
        "scale": { "labels": (1..=5).map(|i| text(&format!("mức {i}"))).collect::<Vec<_>>(), "not_applicable": text("không") },
        "factors": [
            { "code": "1", "name": text("một"), "criteria": criteria(&["1.1", "1.2", "1.3", "1.4"]) },
            { "code": "2", "name": text("hai"), "criteria": criteria(&["2.1", "2.2"]), "lead": text("Nếu đã nhận:"),
              "asked_when": { "question": "visit", "any_of": ["ket-qua"] } },
            { "code": "3", "name": text("ba"), "optional": true, "criteria": [criterion("3.1"),
              { "code": "3.2", "text": text("3.2"), "source": "sourced", "lead": text("Nếu đã góp ý:"),
                "asked_when": { "question": "gate", "any_of": ["co"] } }] },
        ],
        "questions": [
            { "code": "visit", "purpose": "visit", "kind": "single", "source": "sourced", "text": text("đến"),
              "options": options(&["nop-ho-so", "ket-qua"]) },
            { "code": "gate", "purpose": "gate", "before": "3.2", "kind": "single", "source": "sourced",
              "text": text("góp ý"), "options": options(&["co", "khong"]) },
            { "code": "hen", "purpose": "fact", "kind": "single", "source": "sourced", "text": text("hẹn"),
              "options": options(&["dung", "tre"]), "asked_when": { "question": "visit", "any_of": ["ket-qua"] } },
            { "code": "thu", "purpose": "fact", "kind": "single", "source": "sourced", "text": text("thư"),
              "options": options(&["co", "khong"]), "asked_when": { "question": "hen", "any_of": ["tre"] } },
            { "code": "mong-doi", "purpose": "expectation", "kind": "multiple", "most": 3, "source": "sourced",
              "text": text("mong"), "options": options(&many) },
            { "code": "dap-ung", "purpose": "fact", "kind": "number", "min": 0, "max": 65534, "unit": "%",
              "source": "sourced", "text": text("đáp ứng") },
        ],
        "comment": text("ý kiến"),
    })
}

/// The form itself.
pub(crate) fn form() -> Questionnaire {
    read(form_json())
}

/// A form of this JSON; it must have the right shape.
pub(crate) fn read(json: Value) -> Questionnaire {
    serde_json::from_value(json).unwrap_or_else(|error| panic!("{error}"))
}
