//! The first page: one question, five faces.

use leptos::prelude::*;

use super::minutes;
use crate::components::phone::document::{Answers, Document, Form, Switches, document};
use crate::components::phone::face::face_button;
use crate::components::phone::fault::{Fault, fault_summary};
use crate::components::phone::look::{Look, Place};
use crate::components::phone::words::{fill, words};
use crate::domain::answer::Score;
use crate::domain::form::{Press, names};
use crate::domain::questionnaire::Questionnaire;
use crate::domain::text::Text;

/// What stands above the question, beside the usual.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TapNotice {
    /// Nothing.
    #[default]
    None,
    /// "Gửi" without a face, or a face that does not exist.
    Nothing,
    /// The server did not take it: what to say, and the face to send again.
    NotTaken(String),
}

/// The first page.
#[derive(Clone, Debug)]
pub struct TapPage<'a> {
    /// Language and size.
    pub look: Look,
    /// Where.
    pub place: &'a Place,
    /// The questionnaire of the desk.
    pub questionnaire: &'a Questionnaire,
    /// The face chosen before.
    pub chosen: Option<Score>,
    /// The address carries a response ("Chọn lại"), so the page must post and not link.
    pub carried: bool,
    /// Where to post, when not to the address of the page.
    pub action: Option<String>,
    /// What stands above.
    pub notice: TapNotice,
}

/// The first page as HTML.
pub fn tap_page(page: TapPage<'_>) -> String {
    let TapPage { look, place, questionnaire, chosen, carried, action, notice } = page;
    let w = words(look.lang);
    let labels = &questionnaire.scale.labels;
    let faces = (1_u8..).zip(labels).map(|(level, label)| {
        let label = label.get(look.lang);
        let name = fill(w.level, &[label, &level.to_string()]);
        face_button(level, label.to_owned(), name, chosen.is_some_and(|c| c.get() == level))
    });
    let faces = faces.collect_view();
    let (count, time) = (questionnaire.n_criteria().to_string(), minutes(questionnaire, look.lang).to_string());
    let whole_form = fill(w.whole_form, &[&count, &time]);
    let whole_form = if carried {
        view! { <button class="link" name=names::GO value=Press::Form.word()>{whole_form}</button> }.into_any()
    } else {
        let query = [look.query().as_str(), "b=phieu"].join("&");
        view! { <a class="link" href=format!("?{}", query.trim_start_matches('&'))>{whole_form}</a> }.into_any()
    };
    let title = match &notice {
        TapNotice::Nothing => format!("{}{}", w.error_prefix, w.rate),
        TapNotice::NotTaken(_) => format!("{}{}", w.error_prefix, w.not_sent),
        TapNotice::None => w.rate.to_owned(),
    };
    let above = match notice {
        TapNotice::None => None,
        TapNotice::Nothing => {
            let fault = Fault { anchor: Some("faces".to_owned()), text: w.nothing_answered.to_owned() };
            Some(fault_summary(w.not_sent, vec![fault]).into_any())
        }
        TapNotice::NotTaken(words) => {
            let label = chosen.and_then(|c| labels.get(usize::from(c.get()) - 1)).map(Text::to_owned);
            let again = label.zip(chosen).map(|(label, chosen)| {
                let text = format!("{}: {}", w.send_again, label.get(look.lang));
                view! { <button class="main" name=names::TAP value=chosen.get().to_string()>{text}</button> }
            });
            Some(view! { <div class="notice wrong" role="alert"><p>{words}</p>{again}</div> }.into_any())
        }
    };
    let posted = chosen.is_some() && above.is_some();
    let main = view! {
        {above}
        <h1 id="q">{questionnaire.tap.get(look.lang).to_owned()}</h1>
        <div class="faces" id="faces" role="group" aria-labelledby="q" tabindex="-1">{faces}</div>
        <p class="hint">{w.promise}</p>
        <p>{whole_form}</p>
    };
    let switches = if carried || action.is_some() { Switches::Buttons } else { Switches::Links(String::new()) };
    let place = Some(place);
    let form = Form::Answers(Answers { action, kept: posted, ..Answers::default() });
    document(Document { look, title, place, switches, form }, main)
}
