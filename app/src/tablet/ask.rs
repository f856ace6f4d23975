//! Statements and questions on the screen: large targets, in the order in which they are read aloud.

use leptos::prelude::*;

use super::device;
use super::frame::run;
use super::interview::Going;
use crate::components::number::say;
use crate::domain::answer::{Answer, Score, Value};
use crate::domain::limits;
use crate::domain::questionnaire::{Kind, Question};
use crate::domain::text::Lang;
use crate::offline::interview::{Asked, Step, asked, tapped};

/// A pause in typing after which a comment is kept, in milliseconds.
const TYPING_MS: i32 = 400;

/// What a step asks of this person now; it follows the answers.
pub(super) fn asked_view(going: Going, step: Step, lang: Lang) -> AnyView {
    let shown = Memo::new(move |_| {
        going.questionnaire.with_value(|form| {
            going.sheet.with(|sheet| {
                let asked = asked(step, form, sheet, going.stream).into_iter();
                asked
                    .map(|asked| {
                        matches!(asked, Asked::Statement(..))
                            .then_some(())
                            .map_or_else(|| (false, at(&asked)), |()| (true, at(&asked)))
                    })
                    .collect::<Vec<_>>()
            })
        })
    });
    view! {
        <For
            each=move || shown.get()
            key=|key| *key
            children=move |(statement, at)| if statement { statement_view(going, at, lang) } else { question_view(going, at, lang) }
        />
    }
    .into_any()
}

fn at(asked: &Asked<'_>) -> usize {
    match asked {
        Asked::Statement(at, _) | Asked::Question(at, _) => *at,
    }
}

/// One statement: five tiles and "không áp dụng". A tap on what is chosen takes it back.
fn statement_view(going: Going, at: usize, lang: Lang) -> AnyView {
    let Some((code, text, labels, zero)) = going.questionnaire.with_value(|form| {
        let (_, criterion) = form.criteria().nth(at)?;
        let labels: Vec<String> = form.scale.labels.iter().map(|label| label.get(lang).to_owned()).collect();
        Some((
            criterion.code.clone(),
            criterion.text.get(lang).to_owned(),
            labels,
            form.scale.not_applicable.get(lang).to_owned(),
        ))
    }) else {
        return ().into_any();
    };
    let answer = move || going.sheet.with(|sheet| sheet.answers.get(at).copied().unwrap_or_default());
    let name = format!("c-{code}");
    let radio = |value: Answer| {
        let choose = move |_| {
            let after =
                if going.sheet.with_untracked(|s| s.answers.get(at) == Some(&value)) { Answer::Blank } else { value };
            going.answer(|sheet| {
                if let Some(slot) = sheet.answers.get_mut(at) {
                    *slot = after;
                }
            });
        };
        view! {
            <input type="radio" name=name.clone() prop:checked=move || answer() == value on:click=choose />
        }
    };
    let tiles = (1_u8..).zip(labels).filter_map(|(figure, label)| {
        let score = Score::new(figure)?;
        Some(view! {
            <label class="tab-tile">
                {radio(Answer::Score(score))}
                <span>
                    <b>{figure.to_string()}</b>
                    {label}
                </span>
            </label>
        })
    });
    let tiles = tiles.collect_view();
    view! {
        <fieldset class="tab-ask">
            <legend>
                <span class="tab-ask__code">{code.clone()}</span>
                {text}
            </legend>
            <div class="tab-scale">{tiles}</div>
            <label class="tab-option tab-option--quiet">
                {radio(Answer::NotApplicable)}
                <span>{zero}</span>
            </label>
        </fieldset>
    }
    .into_any()
}

/// A question beside the criteria.
fn question_view(going: Going, at: usize, lang: Lang) -> AnyView {
    let Some(question) = going.questionnaire.with_value(|form| form.questions.get(at).cloned()) else {
        return ().into_any();
    };
    let value = move || going.sheet.with(|sheet| sheet.values.get(at).copied().unwrap_or_default());
    let set = move |value: Value| {
        going.answer(|sheet| {
            if let Some(slot) = sheet.values.get_mut(at) {
                *slot = value;
            }
        });
    };
    let hint = match &question.kind {
        Kind::Single { .. } => None,
        Kind::Multiple { most, .. } => Some(match lang {
            Lang::Vi => format!("Chọn nhiều nhất {most} ý."),
            Lang::En => format!("Choose at most {most}."),
        }),
        Kind::Number { min, max, .. } => Some(match lang {
            Lang::Vi => format!("Từ {min} đến {max}."),
            Lang::En => format!("From {min} to {max}."),
        }),
    };
    let text = question.text.get(lang).to_owned();
    let hint_id = hint.as_ref().map(|_| format!("h-{}", question.code));
    let inside = match &question.kind {
        Kind::Number { unit, .. } => number(question.clone(), unit.clone(), text.clone(), value, set, lang),
        Kind::Single { .. } | Kind::Multiple { .. } => options(question.clone(), value, set, lang),
    };
    let described_by = hint_id.clone();
    view! {
        <fieldset class="tab-ask" aria-describedby=described_by>
            <legend>{text}</legend>
            {hint.map(|hint| view! { <p class="tab-hint" id=hint_id>{hint}</p> })}
            {inside}
        </fieldset>
    }
    .into_any()
}

fn options(
    question: Question,
    value: impl Fn() -> Value + Copy + Send + Sync + 'static,
    set: impl Fn(Value) + Copy + 'static,
    lang: Lang,
) -> AnyView {
    let kind = if matches!(question.kind, Kind::Single { .. }) { "radio" } else { "checkbox" };
    let chosen = move |option: usize| match value() {
        Value::Single(at) => usize::from(at) == option,
        Value::Multiple(bits) => option < 32 && bits >> option & 1 == 1,
        Value::Blank | Value::Number(_) => false,
    };
    let name = format!("q-{}", question.code);
    let labels: Vec<String> = question.options().iter().map(|option| option.text.get(lang).to_owned()).collect();
    let question = StoredValue::new(question);
    let rows = labels.into_iter().enumerate().map(|(option, label)| {
        let choose = move |event: leptos::ev::MouseEvent| {
            let before = untrack(value);
            let after = question.with_value(|question| tapped(question, before, option));
            if after == before {
                // A full list: the box stays as it was.
                event.prevent_default();
            } else {
                set(after);
            }
        };
        view! {
            <label class="tab-option">
                <input type=kind name=name.clone() prop:checked=move || chosen(option) on:click=choose />
                <span>{label}</span>
            </label>
        }
    });
    rows.collect_view().into_any()
}

fn number(
    question: Question,
    unit: String,
    label: String,
    value: impl Fn() -> Value + Copy + Send + Sync + 'static,
    set: impl Fn(Value) + Copy + 'static,
    lang: Lang,
) -> AnyView {
    let wrong = RwSignal::new(false);
    let first = match untrack(value) {
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let id = format!("e-{}", question.code);
    let question = StoredValue::new(question);
    let typed = move |event| {
        let text = event_target_value(&event);
        let read = if text.trim().is_empty() {
            Ok(Value::Blank)
        } else {
            question.with_value(|q| Value::Blank.with(q, &text))
        };
        wrong.set(read.is_err());
        set(read.unwrap_or_default());
    };
    view! {
        <p class="tab-error" role="alert" id=id.clone() hidden=move || !wrong.get()>
            {say(lang, "Số này nằm ngoài khoảng cho phép.", "This number is outside the limits.")}
        </p>
        <label class="tab-number">
            <input
                class="tab-field"
                inputmode="numeric"
                autocomplete="off"
                maxlength="6"
                aria-label=label
                aria-describedby=id
                aria-invalid=move || wrong.get().then_some("true")
                value=first
                on:input=typed
            />
            <span>{unit}</span>
        </label>
    }
    .into_any()
}

/// The open question.
pub(super) fn comment_view(going: Going, lang: Lang) -> AnyView {
    let question = going.questionnaire.with_value(|form| form.comment.as_ref().map(|text| text.get(lang).to_owned()));
    let first = going
        .tablet
        .draft
        .with_untracked(|draft| draft.as_ref().map(|draft| draft.comment.clone()))
        .unwrap_or_default();
    let typing = StoredValue::new(0_u32);
    let typed = move |event| {
        let text = event_target_value(&event);
        going.tablet.touched.set_value(device::now());
        // In the draft at once, on the disk after a pause: not every letter is worth a sync.
        going.tablet.draft.update_untracked(|draft| {
            if let Some(draft) = draft {
                draft.comment = text;
            }
        });
        typing.update_value(|n| *n += 1);
        let mine = typing.get_value();
        run(async move {
            device::sleep(TYPING_MS).await;
            if typing.try_get_value() == Some(mine) {
                going.change(|_| {});
            }
        });
    };
    view! {
        <label class="tab-label" for="gop-y">
            {question}
        </label>
        <p class="tab-hint" id="gop-y-chu">
            {say(
                lang,
                "Không ghi tên, số điện thoại. Góp ý ở đây không thay thế phản ánh, kiến nghị, tố cáo theo quy định.",
                "No names, no phone numbers. A comment here does not replace a formal petition or complaint.",
            )}
        </p>
        <textarea
            class="tab-field"
            id="gop-y"
            rows="6"
            maxlength=limits::COMMENT_CHARS.to_string()
            aria-describedby="gop-y-chu"
            prop:value=first
            on:input=typed
        ></textarea>
    }
    .into_any()
}
