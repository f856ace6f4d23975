//! "Thử tính": the interval of an index for numbers of one's own, on the page of the method.

use leptos::prelude::*;

use super::calculation::{Field, Typed, calculate};
use crate::components::number::say;
use crate::domain::text::Lang;

/// The calculator. Without script it is a form that the server answers; with script it answers while one types.
#[island]
pub fn Calculator(lang: Lang, typed: Typed) -> impl IntoView {
    let typed = RwSignal::new(typed);
    let answer = Memo::new(move |_| typed.with(|typed| (!typed.is_empty()).then(|| calculate(typed, lang))));
    let wrong = move |field: Field| {
        answer.with(|answer| match answer {
            Some(Err(wrong)) if wrong.field == field => Some(wrong.words),
            _ => None,
        })
    };
    let field =
        move |id: &'static str, label: &'static str, which: Field, value: String, set: fn(&mut Typed, String)| {
            let error_id = format!("{id}-loi");
            let described_by = error_id.clone();
            view! {
                <div class="calculator__field">
                    <label class="label" for=id>
                        {label}
                    </label>
                    <p class="error" id=error_id hidden=move || wrong(which).is_none()>
                        {move || wrong(which).unwrap_or_default()}
                    </p>
                    <input
                        class="field"
                        id=id
                        name=id
                        inputmode="numeric"
                        autocomplete="off"
                        maxlength="20"
                        value=value
                        aria-invalid=move || wrong(which).map(|_| "true")
                        aria-describedby=move || wrong(which).map(|_| described_by.clone())
                        on:input=move |event| typed.update(|typed| set(typed, event_target_value(&event)))
                    />
                </div>
            }
        };
    let first = typed.get_untracked();
    view! {
        <form class="calculator" method="get" action="/cach-tinh#thu-tinh">
            {(lang == Lang::En).then(|| view! { <input type="hidden" name="lang" value="en"/> })}
            <div class="calculator__fields">
                {field("ho-so", say(lang, "Số hồ sơ (N)", "Dossiers (N)"), Field::Population, first.population, |t, v| t.population = v)}
                {field("phieu", say(lang, "Số phiếu hợp lệ (n)", "Valid responses (n)"), Field::Respondents, first.respondents, |t, v| t.respondents = v)}
                {field("hai-long", say(lang, "Trong đó hài lòng", "Satisfied among them"), Field::Satisfied, first.satisfied, |t, v| t.satisfied = v)}
            </div>
            <button class="button button--secondary">{say(lang, "Tính", "Calculate")}</button>
            <output class="calculator__answer" for="ho-so phieu hai-long">
                {move || {
                    answer.with(|answer| match answer {
                        Some(Ok(lines)) => {
                            let lines = lines
                                .iter()
                                .map(|(what, value)| {
                                    view! {
                                        <span class="calculator__line">
                                            <span>{format!("{what}: ")}</span>
                                            <strong>{value.clone()}</strong>
                                        </span>
                                    }
                                })
                                .collect_view();
                            Some(lines)
                        }
                        _ => None,
                    })
                }}
            </output>
        </form>
    }
}
