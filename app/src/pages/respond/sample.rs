//! Sample data of the phone pages: each page as a citizen may meet it, for tests and for looking at.

use std::sync::Arc;

use super::after::after_page;
use super::done::{DonePage, done_page};
use super::form::{FormNotice, FormPage, form_page};
use super::state::{State, busy_words, state_page};
use super::tap::{TapNotice, TapPage, tap_page};
use crate::components::phone::look::{Look, Place};
use crate::domain::answer::Score;
use crate::domain::form::{Fields, Posted};
use crate::domain::questionnaire::Questionnaire;
use crate::domain::receipt::{NotCounted, ReceiptStatus};
use crate::pages::receipt::{ReceiptAnswer, receipt_page};
use crate::server_side::catalogue::{Catalogue, CatalogueError, FIRST};

/// What someone may type who means harm; it must come back as text.
pub const HOSTILE: &str = "</textarea></title><script>x</script>";

/// The administrative form of 2018; none where the binary has none.
pub fn questionnaire() -> Result<Option<Arc<Questionnaire>>, CatalogueError> {
    Ok(Catalogue::builtin()?.questionnaire(FIRST, None))
}

/// A desk with the names of everyday.
pub fn place() -> Place {
    Place { agency: "UBND phường An Bình".into(), desk: "Quầy 2".into(), sample_data: true, reference: true }
}

/// A desk with the longest names of the city of 2018.
pub fn long_place() -> Place {
    Place {
        agency: "Ban Quản lý các khu chế xuất và công nghiệp thành phố Cần Thơ".into(),
        desk: "Bộ phận Tiếp nhận và Trả kết quả giải quyết thủ tục hành chính, quầy 12".into(),
        sample_data: false,
        reference: true,
    }
}

/// A form as posted, from its body.
pub fn posted(questionnaire: &Questionnaire, body: &str) -> Posted {
    Fields::decode(body.as_bytes())
        .map_or_else(|_| Posted::blank(questionnaire), |fields| Posted::read(&fields, questionnaire))
}

/// Every page in one look, each with a name for its file.
pub fn pages(q: &Questionnaire, look: Look, place: &Place) -> Vec<(&'static str, String)> {
    let tap = |chosen, carried, notice| {
        tap_page(TapPage { look, place, questionnaire: q, chosen, carried, action: None, notice })
    };
    let form = |body: &str, notice| {
        let posted = posted(q, body);
        form_page(&FormPage { look, place, questionnaire: q, posted: &posted, action: None, notice })
    };
    let done = |earlier, resumable| {
        done_page(DonePage { look, place, receipt: "7K3F-92QD", earlier, resumable, action: None })
    };
    let four = Score::new(4);
    let good = "hom-nay=ket-qua&doi-tuong=nguoi-dan&1.1=5&1.2=4&1.3=0&1.4=3&2.1=4&2.2=4&2.3=5&2.4=1";
    let wrong = format!(
        "{good}&3.1=6&9.9=1&mong-doi=thong-tin&mong-doi=don-gian&mong-doi=le-phi&mong-doi=thai-do&comment={}",
        "%3C%2Ftextarea%3E%3C%2Ftitle%3E%3Cscript%3Ex%3C%2Fscript%3E%00"
    );
    let mut pages = vec![
        ("tap", tap(None, false, TapNotice::None)),
        ("tap-again", tap(four, true, TapNotice::None)),
        ("tap-nothing", tap(None, false, TapNotice::Nothing)),
        ("tap-busy", tap(four, false, TapNotice::NotTaken(busy_words(look.lang).to_owned()))),
        ("form", form("", FormNotice::None)),
        ("form-kept", form(good, FormNotice::None)),
        ("form-wrong", form(&wrong, FormNotice::Faults)),
        ("form-open", form(good, FormNotice::LeftOpen(14))),
        ("form-busy", form(good, FormNotice::NotTaken(busy_words(look.lang).to_owned()))),
        ("form-rest", form(good, FormNotice::Rest)),
        ("done", done(None, false)),
        ("done-part", done(None, true)),
        ("done-second", done(Some("9:42"), false)),
        ("receipt", receipt_page(look, "", &ReceiptAnswer::NotAsked)),
        ("receipt-yes", receipt_page(look, "7K3F-92QD", &ReceiptAnswer::Found(ReceiptStatus::Counted))),
        ("receipt-not", {
            let why = ReceiptStatus::NotCounted(NotCounted::Voluntary);
            receipt_page(look, "7K3F-92QD", &ReceiptAnswer::Found(why))
        }),
        ("receipt-unknown", receipt_page(look, "7K3F-92QD", &ReceiptAnswer::Unknown)),
        ("receipt-wrong", receipt_page(look, HOSTILE, &ReceiptAnswer::NoReceipt)),
    ];
    if let Some(four) = four {
        pages.push(("after", after_page(look, place, q, Some(four), None)));
        pages.push(("after-second", after_page(look, place, q, Some(four), Some("9:42"))));
        pages.push(("after-elsewhere", after_page(look, place, q, None, None)));
    }
    let state = |name, state, place| (name, state_page(look, place, state, false));
    pages.extend([
        state("state-unknown", State::UnknownDesk, None),
        state("state-not-begun", State::NotBegun, Some(place)),
        state("state-over", State::Over, Some(place)),
        state("state-conflict", State::Conflict, Some(place)),
        state("state-elsewhere", State::ElsewhereAnswered, Some(place)),
        state("state-too-large", State::TooLarge, Some(place)),
        state("state-unreadable", State::Unreadable, Some(place)),
        state("state-busy", State::Busy, Some(place)),
    ]);
    pages
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Lang;
    use crate::pages::respond::minutes;

    fn every_page(check: impl Fn(&str, &str)) {
        let questionnaire = questionnaire().expect("built in").expect("built in");
        for (lang, large) in [(Lang::Vi, false), (Lang::Vi, true), (Lang::En, false), (Lang::En, true)] {
            for place in [place(), long_place()] {
                for (name, html) in pages(&questionnaire, Look { lang, large }, &place) {
                    check(&format!("{name} {} large={large}", lang.tag()), &html);
                }
            }
        }
    }

    #[test]
    fn every_page_is_one_whole_document() {
        every_page(|name, html| {
            assert!(html.starts_with("<!DOCTYPE html><html lang="), "{name}");
            for once in ["<title>", "<h1", "<main>", "<form ", "<header>", "<style>"] {
                assert_eq!(html.matches(once).count(), 1, "{name}: {once}");
            }
            // The script has empty objects of its own.
            let (markup, _) = html.split_once("<script>").unwrap_or((html, ""));
            assert!(!markup.contains("<!>") && !markup.contains("{}") && !markup.contains("class=\"\""), "{name}");
            assert_eq!(html.contains("SỐ LIỆU MÔ PHỎNG") || html.contains("SIMULATED DATA"), html.contains("An Bình"));
        });
    }

    #[test]
    fn what_a_citizen_typed_comes_back_as_text_only() {
        every_page(|name, html| {
            assert!(!html.contains("<script>x") && !html.contains("</textarea></title>"), "{name}");
        });
    }

    #[test]
    fn the_first_submit_button_sends_and_no_answer_is_ticked_before() {
        every_page(|name, html| {
            let Some(first) = html.split_once("<button").map(|(_, rest)| &rest[..rest.len().min(40)]) else { return };
            let enter = if name.starts_with("form") { "value=\"dung\"" } else { "value=\"gui\"" };
            assert!(first.contains(enter) || name.starts_with("receipt"), "{name}: {first}");
            if name.starts_with("form ") {
                assert!(!html.contains(" checked"), "{name}");
                assert!(!html.contains(" required"), "{name}");
            }
        });
    }

    #[test]
    fn every_link_inside_a_page_has_its_place() {
        every_page(|name, html| {
            for link in html.split("href=\"#").skip(1) {
                let anchor = link.split('"').next().unwrap_or_default();
                assert_eq!(html.matches(&format!("id=\"{anchor}\"")).count(), 1, "{name}: {anchor}");
            }
        });
    }

    #[test]
    fn at_most_25_words_stand_above_the_faces() {
        let questionnaire = questionnaire().expect("built in").expect("built in");
        let (_, html) = pages(&questionnaire, Look::default(), &place()).remove(0);
        let (_, body) = html.split_once("<header>").expect("a header");
        let (above, _) = body.split_once("<div id=\"faces\"").expect("faces");
        let text: Vec<&str> =
            above.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text).collect();
        let text = text.join(" ");
        let words = text.split_whitespace().filter(|word| *word != "·").count();
        assert!(words <= 25, "{words}: {text}");
    }

    #[test]
    fn the_time_for_the_form_is_said_from_its_length() {
        let questionnaire = questionnaire().expect("built in").expect("built in");
        assert!((3..=8).contains(&minutes(&questionnaire, Lang::Vi)), "{}", minutes(&questionnaire, Lang::Vi));
    }
}
