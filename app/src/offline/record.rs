//! A finished interview as `POST /api/v1/responses` takes it, and its sealed form.

use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::seal::{KEY_BYTES, letters, seal};
use crate::domain::answer::{Answer, Score, Sheet, Value};
use crate::domain::field_work::SealingKey;
use crate::domain::hex::from_hex;
use crate::domain::moment::ClockNote;
use crate::domain::questionnaire::{Purpose, Question, Questionnaire};
use crate::domain::response::Mode;
use crate::domain::text::Lang;

/// Everything about an interview beside its answers.
#[derive(Clone, Debug)]
pub struct About {
    /// UUID of the response.
    pub id: String,
    /// Code of the desk, at a desk.
    pub desk: Option<String>,
    /// Code of the agency.
    pub agency: String,
    /// Code of the field.
    pub field: Option<String>,
    /// Tablet or kiosk.
    pub mode: Mode,
    /// Language in which it was asked.
    pub lang: Lang,
    /// First touch, by the device's clock.
    pub started_at: i64,
    /// Finished, by the device's clock.
    pub finished_at: i64,
    /// What the device knew of its clock then.
    pub clock: Option<ClockNote>,
    /// The unit of the sample list.
    pub unit: Option<String>,
    /// The post of an intercept team or kiosk.
    pub post: Option<i32>,
}

/// The item in plain JSON. What was answered and then routed away is left out: it was not asked of this person.
pub fn item(about: &About, questionnaire: &Questionnaire, sheet: &Sheet, comment: Option<&str>) -> Json {
    let mut out = Map::new();
    let mut put = |name: &str, value: Json| {
        if !value.is_null() {
            out.insert(name.to_owned(), value);
        }
    };
    put("id", json!(about.id));
    match &about.desk {
        Some(desk) => put("desk", json!(desk)),
        None => put("agency", json!(about.agency)),
    }
    put("field", json!(about.field));
    put("questionnaire", json!(questionnaire.key));
    put("version", json!(questionnaire.version));
    put("mode", json!(about.mode.word()));
    put("lang", json!(about.lang.tag()));
    put("started_at", json!(about.started_at));
    put("finished_at", json!(about.finished_at));
    put("clock", json!(about.clock));
    put("sample_unit", json!(about.unit));
    put("post", json!(about.post));
    put("tap", json!(sheet.tap.map(Score::get)));

    let mut answers = Map::new();
    for ((factor, criterion), answer) in questionnaire.criteria().zip(&sheet.answers) {
        let asked = questionnaire.factors.get(factor).is_some_and(|f| sheet.asks(questionnaire, f.asked_when.as_ref()))
            && sheet.asks(questionnaire, criterion.asked_when.as_ref());
        match answer {
            Answer::Score(score) if asked => answers.insert(criterion.code.clone(), json!(score.get())),
            Answer::NotApplicable if asked => answers.insert(criterion.code.clone(), json!(0)),
            _ => None,
        };
    }
    if !answers.is_empty() {
        put("answers", Json::Object(answers));
    }
    let (mut facts, mut respondent) = (Map::new(), Map::new());
    for (question, value) in questionnaire.questions.iter().zip(&sheet.values) {
        let given =
            if sheet.asks(questionnaire, question.asked_when.as_ref()) { given(question, *value) } else { Json::Null };
        if given.is_null() {
            continue;
        }
        match question.purpose {
            Purpose::Visit => put("visit", given),
            Purpose::RespondentType => put("respondent_type", given),
            Purpose::Expectation => put("expectations", given),
            Purpose::Fact | Purpose::Gate => drop(facts.insert(question.code.clone(), given)),
            Purpose::Respondent => drop(respondent.insert(question.code.clone(), given)),
        }
    }
    if !facts.is_empty() {
        put("facts", Json::Object(facts));
    }
    if !respondent.is_empty() {
        put("respondent", Json::Object(respondent));
    }
    put("comment", json!(comment));
    Json::Object(out)
}

fn given(question: &Question, value: Value) -> Json {
    let code = |at: usize| question.options().get(at).map(|option| option.code.as_str());
    match value {
        Value::Blank => Json::Null,
        Value::Single(at) => json!(code(usize::from(at))),
        Value::Multiple(bits) => {
            (0..question.options().len()).filter(|at| bits >> at & 1 == 1).filter_map(code).collect()
        }
        Value::Number(number) => json!(number),
    }
}

/// What travels instead of a plain item.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the members are named by the API")]
struct Sealed<'a> {
    /// So that the device knows which of its answers could not be opened.
    id: &'a str,
    sealed: String,
    key: &'a str,
}

/// The item, sealed to the server: nobody who finds the device can read it. `chance` is 32 good bytes, used once. None
/// where the key of the kit is no key.
pub fn sealed_item(id: &str, item: &Json, key: &SealingKey, chance: [u8; KEY_BYTES]) -> Option<String> {
    let public = from_hex(&key.public)?;
    let sealed = letters(&seal(&public, chance, item.to_string().as_bytes())?);
    serde_json::to_string(&Sealed { id, sealed, key: &key.key }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::form;
    use crate::domain::submission::Item;
    use crate::offline::seal::RoundKeys;
    use crate::offline::vault::from_letters;
    use proptest::prelude::*;

    fn about() -> About {
        About {
            id: "0190aaaa-0000-7000-8000-000000000001".to_owned(),
            desk: None,
            agency: "H13.1".to_owned(),
            field: Some("dat-dai".to_owned()),
            mode: Mode::Tablet,
            lang: Lang::Vi,
            started_at: 1_000,
            finished_at: 2_000,
            clock: Some(ClockNote { off: -30, at: 500 }),
            unit: Some("0190bbbb-0000-7000-8000-000000000001".to_owned()),
            post: None,
        }
    }

    /// As the server reads it. `post` is the server's newest member; older readers refuse it.
    fn read(item: &Json) -> Result<(Sheet, Option<String>), String> {
        let text = item.to_string();
        let item: Item<'_> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        item.read(&form()).map_err(|faults| format!("{faults:?}"))
    }

    #[test]
    fn what_was_answered_and_then_routed_away_is_not_sent() {
        let form = form();
        let mut sheet = Sheet::blank(&form);
        sheet.values[0] = Value::Single(0);
        sheet.answers[0] = Answer::Score(Score::new(5).expect("a score"));
        // 2.1 is asked of those who came for a result only.
        sheet.answers[4] = Answer::Score(Score::new(1).expect("a score"));
        let item = item(&about(), &form, &sheet, None);
        assert_eq!(item["answers"], json!({"1.1": 5}));
        assert_eq!(item["visit"], "nop-ho-so");
        let (read, _) = read(&item).expect("read");
        assert_eq!(read.answers[4], Answer::Blank);
    }

    #[test]
    fn a_sealed_item_is_read_by_nobody_but_the_server() {
        let keys = RoundKeys::derive(&[7; 32]);
        let key = SealingKey { key: "r1".to_owned(), public: crate::domain::hex::hex(&keys.public) };
        let item = item(&about(), &form(), &Sheet::blank(&form()), Some("Phải chờ lâu"));
        let sealed = sealed_item(&about().id, &item, &key, [1; 32]).expect("sealed");
        assert!(!sealed.contains("0190bbbb") && !sealed.contains("Ph"));
        let sealed: Json = serde_json::from_str(&sealed).expect("JSON");
        assert_eq!(sealed["key"], "r1");
        let opened = keys.open(&from_letters(sealed["sealed"].as_str().expect("text")).expect("letters"));
        assert_eq!(opened, Some(item.to_string().into_bytes()));
        let broken = SealingKey { public: "00".to_owned(), ..key };
        assert_eq!(sealed_item(&about().id, &item, &broken, [1; 32]), None);
    }

    fn sheets() -> impl Strategy<Value = Sheet> {
        let answer =
            prop_oneof![Just(Answer::Blank), (0_i64..=5).prop_map(|f| Answer::from_figure(f).unwrap_or_default())];
        let two = prop_oneof![Just(Value::Blank), (0_u8..2).prop_map(Value::Single)];
        let wishes = prop_oneof![Just(Value::Blank), (0_u32..32).prop_map(|at| Value::Multiple(1 << at | 1))];
        let number = prop_oneof![Just(Value::Blank), (0_u16..=65_534).prop_map(Value::Number)];
        (proptest::collection::vec(answer, 8), (two.clone(), two.clone(), two.clone(), two, wishes, number))
            .prop_map(|(answers, (a, b, c, d, e, f))| Sheet { tap: None, answers, values: vec![a, b, c, d, e, f] })
    }

    proptest! {
        /// The server reads exactly what was asked and answered, whatever it was.
        #[test]
        fn the_server_reads_what_was_asked_and_answered(sheet in sheets()) {
            let form = form();
            let item = item(&about(), &form, &sheet, Some("ý kiến"));
            let (read, comment) = read(&item).map_err(TestCaseError::fail)?;
            prop_assert_eq!(comment.as_deref(), Some("ý kiến"));
            for (at, (factor, criterion)) in form.criteria().enumerate() {
                let asked = sheet.asks(&form, form.factors[factor].asked_when.as_ref())
                    && sheet.asks(&form, criterion.asked_when.as_ref());
                prop_assert_eq!(read.answers[at], if asked { sheet.answers[at] } else { Answer::Blank });
            }
            for (at, question) in form.questions.iter().enumerate() {
                let asked = sheet.asks(&form, question.asked_when.as_ref());
                prop_assert_eq!(read.values[at], if asked { sheet.values[at] } else { Value::Blank });
            }
        }
    }
}
