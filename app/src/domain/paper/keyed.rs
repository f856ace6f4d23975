//! What a clerk keyed of one form, its checks, its comparison with another pass, and the sheet that it becomes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::layout::{Item, OPTION_KEYS, Part, Shape};
use crate::domain::answer::{Answer, FieldError, Problem, Sheet, Value, clean_comment};
use crate::domain::questionnaire::Questionnaire;

/// "Không đọc được".
pub const UNREADABLE: &str = "x";
/// "Đánh hai ô".
pub const MULTIPLE: &str = "m";
/// The name of the comment among differences.
pub const COMMENT: &str = "comment";
/// The name of the day of collection among differences.
pub const COLLECTED: &str = "collected_on";

/// The name of the number on the drawn list, among fields and differences.
pub const UNIT: &str = "sample_unit";
/// Most figures of such a number: no list has a million people.
const UNIT_FIGURES: usize = 6;

/// One form as it was keyed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keyed {
    /// What stands at each question, by its code, as keys: "4", "0", "x", "m"; several options in order, "13"; a number
    /// in digits. What is blank is left out.
    pub values: BTreeMap<String, String>,
    /// The comment, cleaned.
    pub comment: Option<String>,
    /// The day on which the form was filled in, days since 1970-01-01.
    pub collected_day: i32,
    /// Number of the person on the drawn list. Not kept with the answers: it is erased before they are.
    #[serde(skip)]
    pub unit: Option<u32>,
}

/// Whether a value can stand at a question. Blank can everywhere.
pub fn is_value(item: &Item, value: &str) -> bool {
    if matches!(value, "" | UNREADABLE | MULTIPLE) {
        return true;
    }
    let at = |key: char| OPTION_KEYS.find(key);
    match &item.shape {
        Shape::Scale => matches!(value.as_bytes(), [b'0'..=b'5']),
        Shape::Single(options) => {
            let mut keys = value.chars();
            keys.next().and_then(at).is_some_and(|at| at < options.len()) && keys.next().is_none()
        }
        Shape::Multiple(most, options) => {
            let places: Option<Vec<usize>> = value.chars().map(at).collect();
            places.is_some_and(|places| {
                places.len() <= usize::from(*most)
                    && places.iter().all(|at| *at < options.len())
                    && places.windows(2).all(|two| matches!(two, [a, b] if a < b))
            })
        }
        Shape::Number(min, max, _) => {
            let plain = value.len() <= 5 && value.bytes().all(|byte| byte.is_ascii_digit());
            plain && value.parse::<u32>().is_ok_and(|n| (u32::from(*min)..=u32::from(*max)).contains(&n))
        }
    }
}

/// Every value that can stand at a question with few of them, blank last; for numbers and several options only what the
/// pen may have done.
pub fn values_of(item: &Item) -> Vec<String> {
    let mut values: Vec<String> = match &item.shape {
        Shape::Scale => ["1", "2", "3", "4", "5", "0"].map(str::to_owned).to_vec(),
        Shape::Single(options) => OPTION_KEYS.chars().take(options.len()).map(String::from).collect(),
        Shape::Multiple(..) | Shape::Number(..) => Vec::new(),
    };
    values.extend([UNREADABLE, MULTIPLE, ""].map(str::to_owned));
    values
}

impl Keyed {
    /// Reads a posted form. `get` gives all values posted under a name: several for a question with several answers.
    ///
    /// # Errors
    /// Every question whose value cannot stand there, and the comment.
    pub fn read(
        parts: &[Part],
        collected_day: i32,
        get: &dyn Fn(&str) -> Vec<String>,
    ) -> Result<Self, (Self, Vec<FieldError>)> {
        let mut keyed = Self { collected_day, ..Self::default() };
        let mut faults = Vec::new();
        for item in parts.iter().flat_map(|part| &part.items) {
            let mut given: Vec<String> = get(&item.code).iter().map(|value| value.trim().to_lowercase()).collect();
            given.retain(|value| !value.is_empty());
            if matches!(item.shape, Shape::Multiple(..)) && given.len() > 1 {
                given.sort_by_key(|key| OPTION_KEYS.find(key.as_str()));
            }
            let mut value = given.concat();
            if let Shape::Number(..) = item.shape
                && !value.is_empty()
                && value.bytes().all(|byte| byte.is_ascii_digit())
            {
                // "007" and "7" are the same on paper.
                let digits = value.trim_start_matches('0');
                value = if digits.is_empty() { "0".to_owned() } else { digits.to_owned() };
            }
            if !is_value(item, &value) {
                faults.push(FieldError::new(&item.code, Problem::ForeignValue));
                value.clear();
            }
            if !value.is_empty() {
                keyed.values.insert(item.code.clone(), value);
            }
        }
        match clean_comment(&get(COMMENT).concat()) {
            Ok(comment) => keyed.comment = comment,
            Err(problem) => faults.push(FieldError::new(COMMENT, problem)),
        }
        let unit = get(UNIT).concat();
        let unit = unit.trim();
        keyed.unit = unit.parse().ok().filter(|n| *n > 0 && unit.len() <= UNIT_FIGURES);
        if keyed.unit.is_none() && !matches!(unit, "" | "x" | "X") {
            faults.push(FieldError::new(UNIT, Problem::ForeignValue));
        }
        if faults.is_empty() { Ok(keyed) } else { Err((keyed, faults)) }
    }

    /// What stands at a question; "" where it is blank.
    pub fn value(&self, code: &str) -> &str {
        self.values.get(code).map_or("", String::as_str)
    }

    /// How many answers are unreadable, and how many have two marks.
    pub fn spoilt(&self) -> (u32, u32) {
        let of = |mark: &str| self.values.values().filter(|value| *value == mark).count() as u32;
        (of(UNREADABLE), of(MULTIPLE))
    }

    /// The sheet that it becomes: what cannot be read and what has two marks is blank.
    pub fn sheet(&self, questionnaire: &Questionnaire) -> Sheet {
        let mut sheet = Sheet::blank(questionnaire);
        for (code, value) in &self.values {
            if value == UNREADABLE || value == MULTIPLE {
                continue;
            }
            if let Some(slot) = questionnaire.criterion_index(code).and_then(|at| sheet.answers.get_mut(at)) {
                *slot = value.parse().ok().and_then(Answer::from_figure).unwrap_or_default();
            } else if let Some(at) = questionnaire.question_index(code)
                && let (Some(question), Some(slot)) = (questionnaire.questions.get(at), sheet.values.get_mut(at))
            {
                *slot = if question.options().is_empty() {
                    value.parse().ok().and_then(|n| Value::number(question, n).ok()).unwrap_or_default()
                } else {
                    let places = value.chars().filter_map(|key| OPTION_KEYS.find(key));
                    let codes = places.filter_map(|at| question.options().get(at)).map(|option| option.code.as_str());
                    codes.fold(Value::Blank, |value, code| value.with(question, code).unwrap_or(value))
                };
            }
        }
        sheet
    }
}

/// Where two passes of one form differ: codes of questions in the order of the paper, then [`COMMENT`], [`COLLECTED`]
/// and [`UNIT`]. Comments are the same when only spaces and capitals differ: two people never copy a hand alike.
pub fn differences(parts: &[Part], first: &Keyed, second: &Keyed) -> Vec<String> {
    let items = parts.iter().flat_map(|part| &part.items);
    let mut found: Vec<String> = items
        .filter(|item| first.value(&item.code) != second.value(&item.code))
        .map(|item| item.code.clone())
        .collect();
    let plain = |keyed: &Keyed| -> String {
        let words = keyed.comment.as_deref().unwrap_or_default().to_lowercase();
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    found.extend((plain(first) != plain(second)).then(|| COMMENT.to_owned()));
    found.extend((first.collected_day != second.collected_day).then(|| COLLECTED.to_owned()));
    found.extend((first.unit != second.unit).then(|| UNIT.to_owned()));
    found
}

/// How well somebody keys, from the forms that two people keyed: fields that the settled value proved wrong, of all
/// fields keyed in those forms. Comments and days are not counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClerkRate {
    /// Login name.
    pub clerk: String,
    /// Forms keyed, settled against another pass.
    pub forms: u32,
    /// Their fields.
    pub fields: u32,
    /// Of them wrong.
    pub wrong: u32,
}

/// What one clerk keyed of a form, as the parts of its questionnaire, the login name, what was keyed and what was settled.
pub type KeyedPass<'a> = (&'a [Part], &'a str, &'a Keyed, &'a Keyed);

/// The rate of each clerk, in the order of names.
pub fn rates<'a>(passes: impl Iterator<Item = KeyedPass<'a>>) -> Vec<ClerkRate> {
    let mut by_clerk: BTreeMap<&str, ClerkRate> = BTreeMap::new();
    for (parts, clerk, keyed, settled) in passes {
        let rate = by_clerk.entry(clerk).or_insert_with(|| ClerkRate {
            clerk: clerk.to_owned(),
            forms: 0,
            fields: 0,
            wrong: 0,
        });
        rate.forms += 1;
        for item in parts.iter().flat_map(|part| &part.items) {
            rate.fields += 1;
            rate.wrong += u32::from(keyed.value(&item.code) != settled.value(&item.code));
        }
    }
    by_clerk.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Text;

    fn text(words: &str) -> Text {
        Text { vi: words.to_owned(), en: words.to_owned() }
    }

    fn item(code: &str, shape: Shape) -> Item {
        Item { code: code.to_owned(), text: text(code), lead: None, shape }
    }

    fn parts() -> Vec<Part> {
        let options = || ["a", "b", "c"].map(text).to_vec();
        let items = vec![
            item("1.1", Shape::Scale),
            item("hen", Shape::Single(options())),
            item("mong", Shape::Multiple(2, options())),
            item("muc", Shape::Number(0, 100, "%".to_owned())),
        ];
        vec![Part { title: text("Một"), lead: None, items }]
    }

    fn read(fields: &[(&str, &str)]) -> Result<Keyed, Vec<String>> {
        let get = |name: &str| {
            fields.iter().filter(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()).collect::<Vec<String>>()
        };
        Keyed::read(&parts(), 17_847, &get).map_err(|(_, faults)| faults.into_iter().map(|f| f.field).collect())
    }

    #[test]
    fn what_cannot_stand_on_the_paper_is_refused_by_its_place() {
        for (code, value) in [("1.1", "6"), ("1.1", "12"), ("hen", "4"), ("hen", "12"), ("mong", "123"), ("mong", "11")]
        {
            assert_eq!(read(&[(code, value)]), Err(vec![code.to_owned()]), "{code}={value}");
        }
        assert_eq!(read(&[("muc", "101"), ("comment", "a\u{0}")]), Err(vec!["muc".to_owned(), "comment".to_owned()]));
        assert_eq!(read(&[("muc", "-1")]), Err(vec!["muc".to_owned()]));
    }

    #[test]
    fn several_boxes_and_one_string_of_keys_are_the_same() {
        let boxes = read(&[("mong", "3"), ("mong", "1"), ("muc", "007")]).expect("read");
        let keys = read(&[("mong", "13"), ("muc", "7")]).expect("read");
        assert_eq!(boxes, keys);
        assert_eq!(boxes.value("mong"), "13");
    }

    #[test]
    fn a_spoilt_answer_is_recorded_and_is_a_difference_from_a_blank_one() {
        let spoilt = read(&[("1.1", "X"), ("hen", "m"), ("comment", " Tốt  lắm ")]).expect("read");
        assert_eq!(spoilt.spoilt(), (1, 1));
        let blank = read(&[("comment", "tốt lắm")]).expect("read");
        assert_eq!(differences(&parts(), &spoilt, &blank), ["1.1", "hen"]);
        let later = Keyed { collected_day: 17_848, comment: None, ..blank.clone() };
        assert_eq!(differences(&parts(), &blank, &later), [COMMENT, COLLECTED]);
    }

    #[test]
    fn the_number_on_the_list_is_a_plain_one_and_is_not_written_with_the_answers() {
        for wrong in ["0", "-3", "1234567", "12a", "1.5"] {
            assert_eq!(read(&[(UNIT, wrong)]), Err(vec![UNIT.to_owned()]), "{wrong}");
        }
        let named = read(&[(UNIT, " 017 "), ("1.1", "5")]).expect("read");
        assert_eq!(named.unit, Some(17));
        assert_eq!(read(&[(UNIT, "x")]).expect("read").unit, None, "unreadable");
        assert_eq!(differences(&parts(), &named, &read(&[(UNIT, "18"), ("1.1", "5")]).expect("read")), [UNIT]);
        assert!(!serde_json::to_string(&named).expect("written").contains(UNIT));
    }

    #[test]
    fn the_rate_of_a_clerk_counts_fields_that_were_settled_otherwise() {
        let settled = read(&[("1.1", "5"), ("hen", "1")]).expect("read");
        let hoa = read(&[("1.1", "4"), ("hen", "1")]).expect("read");
        let parts = parts();
        let rates = rates([(&*parts, "hoa", &hoa, &settled), (&*parts, "an", &settled, &settled)].into_iter());
        let found: Vec<_> = rates.iter().map(|r| (r.clerk.as_str(), r.forms, r.fields, r.wrong)).collect();
        assert_eq!(found, [("an", 1, 4, 0), ("hoa", 1, 4, 1)]);
    }
}
