//! The interview: one group of criteria at a time, read aloud by the interviewer or answered alone by the respondent.

use leptos::prelude::*;

use super::ask::{asked_view, comment_view};
use super::device;
use super::frame::{SECOND, button, mark, page, run, to, trouble};
use super::state::{Screen, Tablet};
use crate::components::number::say;
use crate::domain::answer::Sheet;
use crate::domain::questionnaire::Questionnaire;
use crate::domain::response::{Mode, Stream};
use crate::domain::text::Lang;
use crate::offline::interview::{Draft, Hands, Step, first_untouched, left_open, next, steps};

/// The interview that is going on.
pub(super) fn interview(tablet: Tablet, _lang: Lang) -> AnyView {
    let (draft, questionnaire) = (
        tablet.draft.get_untracked(),
        tablet.open.with_untracked(|open| open.as_ref().and_then(|open| open.questionnaire().cloned())),
    );
    let (Some(draft), Some(questionnaire)) = (draft, questionnaire) else {
        let lang = tablet.lang.get_untracked();
        let back = to(tablet, say(lang, "Về đầu", "Home"), Screen::Home);
        return page(
            tablet,
            lang,
            say(lang, "Không có phiếu nào đang làm", "No interview is going on").to_owned(),
            ().into_any(),
            Some(back),
        );
    };
    let going = Going::new(tablet, &draft, questionnaire);
    let step = Memo::new(move |_| {
        tablet.draft.with(|draft| draft.as_ref().map(|draft| (draft.step, draft.hands, draft.lang)))
    });
    view! {
        {move || {
            step.get()
                .map(|(step, hands, lang)| {
                    run(async {
                        device::sleep(0).await;
                        device::focus_heading();
                    });
                    step_view(going, step, hands, lang)
                })
        }}
    }
    .into_any()
}

/// An interview on the screen: its sheet is alive, its draft is kept after every answer.
#[derive(Clone, Copy)]
pub(super) struct Going {
    pub(super) tablet: Tablet,
    pub(super) sheet: RwSignal<Sheet>,
    pub(super) questionnaire: StoredValue<Questionnaire>,
    /// How the person came to be asked.
    pub(super) stream: Stream,
}

impl Going {
    pub(super) fn new(tablet: Tablet, draft: &Draft, questionnaire: Questionnaire) -> Self {
        let sheet = RwSignal::new(draft.sheet(&questionnaire));
        Self { tablet, sheet, questionnaire: StoredValue::new(questionnaire), stream: tablet.stream() }
    }

    /// Changes the sheet and keeps it.
    pub(super) fn answer(self, change: impl FnOnce(&mut Sheet)) {
        self.sheet.update(change);
        self.tablet.touched.set_value(device::now());
        self.change(|_| {});
    }

    /// Changes the draft and keeps it, sheet included.
    pub(super) fn change(self, change: impl FnOnce(&mut Draft)) {
        let kept = self.tablet.draft.try_update(|draft| {
            let draft = draft.as_mut()?;
            self.questionnaire.with_value(|form| self.sheet.with_untracked(|sheet| draft.keep(sheet, form)));
            change(draft);
            Some(draft.clone())
        });
        if let Some(draft) = kept.flatten() {
            let tablet = self.tablet;
            run(async move { drop(tablet.keep_draft(&draft).await) });
        }
    }

    /// The screens of this person.
    pub(super) fn steps(self, hands: Hands) -> Vec<Step> {
        let read_out = hands == Hands::Interviewer
            && self.tablet.draft.with_untracked(|d| d.as_ref().is_some_and(|d| d.script > 0));
        self.questionnaire
            .with_value(|form| self.sheet.with_untracked(|sheet| steps(form, sheet, self.stream, read_out)))
    }

    /// Goes one screen on or back; never back beyond what the respondent answered alone.
    pub(super) fn walk(self, forward: bool, hands: Hands) {
        let steps = self.steps(hands);
        self.tablet.trouble.set(None);
        self.change(|draft| {
            let to = next(&steps, draft.step, forward);
            if forward || draft.floor.is_none_or(|floor| to.rank() >= floor.rank()) {
                draft.step = to;
            }
        });
    }
}

fn step_view(going: Going, step: Step, hands: Hands, lang: Lang) -> AnyView {
    let tablet = going.tablet;
    let steps = going.steps(hands);
    let at = steps.iter().position(|each| *each == step).map_or(1, |at| at + 1);
    let heading = going.questionnaire.with_value(|form| heading(form, step, lang));
    let label =
        tablet.draft.with_untracked(|draft| draft.as_ref().map(|draft| draft.label.clone())).unwrap_or_default();
    let place = match hands {
        Hands::Interviewer => format!("{label} · {at}/{}", steps.len()),
        Hands::Respondent => format!("{at}/{}", steps.len()),
    };
    device::name_page(&format!("{heading} – {place}"), lang.tag());
    let inside = match step {
        Step::Consent => consent(going, lang),
        Step::Comment => comment_view(going, lang),
        Step::Finish => finish_view(going, hands, lang),
        _ => asked_view(going, step, lang),
    };
    let floor = tablet.draft.with_untracked(|draft| draft.as_ref().and_then(|draft| draft.floor));
    let can_back = at > 1 && floor.is_none_or(|floor| step.rank() > floor.rank());
    let back = can_back.then(|| button(say(lang, "Trước", "Back"), SECOND, move || going.walk(false, hands)));
    let on = match step {
        Step::Consent => {
            button(say(lang, "Đồng ý, bắt đầu", "Agrees, begin"), "", move || going.walk(true, hands))
        }
        Step::Finish => finish_button(going, hands, lang),
        _ => button(say(lang, "Tiếp", "Next"), "", move || going.walk(true, hands)),
    };
    let other = if lang == Lang::Vi { (Lang::En, "English") } else { (Lang::Vi, "Tiếng Việt") };
    let speak = move |_| {
        going.change(|draft| draft.lang = other.0);
    };
    let leave = (hands == Hands::Interviewer).then(|| leave_button(going, step, lang));
    view! {
        <header class="tab-head">
            <span class="tab-head__who">{place}</span>
            {leave}
            <button class="tab-link" lang=other.0.tag() on:click=speak>
                {other.1}
            </button>
            {mark(tablet, lang)}
        </header>
        <main class="tab-main">
            <h1 tabindex="-1">{heading}</h1>
            {trouble(tablet)}
            {inside}
        </main>
        <footer class="tab-foot">{back} {on}</footer>
    }
    .into_any()
}

/// What a step is called.
pub(super) fn heading(form: &Questionnaire, step: Step, lang: Lang) -> String {
    match step {
        Step::Consent => say(lang, "Lời chào", "Greeting").to_owned(),
        Step::Opening => say(lang, "Lần đến này", "This visit").to_owned(),
        Step::Factor(number) => {
            form.factors.get(number).map(|factor| factor.name.get(lang).to_owned()).unwrap_or_default()
        }
        Step::Facts => say(lang, "Khi giải quyết công việc", "What happened").to_owned(),
        Step::Wishes => say(lang, "Mong đợi", "What should improve").to_owned(),
        Step::Person => say(lang, "Về người trả lời", "About the respondent").to_owned(),
        Step::Comment => say(lang, "Góp ý", "Comments").to_owned(),
        Step::Finish => say(lang, "Kết thúc", "The end").to_owned(),
    }
}

/// Greeting and consent, to be read out; before that nothing is asked.
fn consent(going: Going, lang: Lang) -> AnyView {
    let tablet = going.tablet;
    let script =
        tablet.open.with_untracked(|open| open.as_ref().and_then(|open| open.round()).map(|r| r.script.clone()));
    let Some(script) = script else { return ().into_any() };
    let version = match lang {
        Lang::Vi => format!("Lời chào bản {}", script.version),
        Lang::En => format!("Greeting version {}", script.version),
    };
    let hand = move || {
        // The first screen that asks this person something.
        let first = going.steps(Hands::Respondent).first().copied().unwrap_or(Step::Finish);
        going.change(|draft| {
            draft.hands = Hands::Respondent;
            draft.step = first;
            draft.floor = Some(first);
        });
    };
    view! {
        <p class="tab-hint">{say(lang, "Đọc to cho người trả lời nghe.", "Read this aloud.")}</p>
        <p class="tab-read">{script.greeting.get(lang).to_owned()}</p>
        <p class="tab-read">{script.consent.get(lang).to_owned()}</p>
        <p class="tab-hint">{version}</p>
        <section class="tab-block">
            <h2>{say(lang, "Người trả lời muốn tự điền?", "Does the respondent want to answer alone?")}</h2>
            <p>
                {say(
                    lang,
                    "Đưa máy sau khi người trả lời đồng ý. Xong phiếu, máy khoá lại; không ai xem lại được câu trả lời.",
                    "Hand the device over once the respondent agrees. When the form is finished the device locks; nobody can look at the answers.",
                )}
            </p>
            {button(say(lang, "Đồng ý, đưa máy cho người trả lời", "Agrees, hand the device over"), SECOND, hand)}
        </section>
    }
    .into_any()
}

/// Gives up what was begun by mistake; only while nothing is answered, for an answer is never thrown away in silence.
fn leave_button(going: Going, step: Step, lang: Lang) -> AnyView {
    let tablet = going.tablet;
    let untouched = move || {
        going.sheet.with(Sheet::is_blank)
            && tablet.draft.with_untracked(|d| d.as_ref().is_none_or(|d| d.comment.is_empty()))
    };
    let leave = move |_| {
        run(async move {
            if tablet.drop_draft().await.is_ok() {
                tablet.go(tablet.first_screen());
            }
        });
    };
    let stop = move |_| {
        going.change(|draft| draft.step = Step::Finish);
    };
    view! {
        {move || {
            if untouched() {
                view! {
                    <button class="tab-link" on:click=leave>
                        {say(lang, "Bỏ phiếu này", "Leave this form")}
                    </button>
                }
                .into_any()
            } else if step == Step::Finish {
                ().into_any()
            } else {
                view! {
                    <button class="tab-link" on:click=stop>
                        {say(lang, "Dừng ở đây", "Stop here")}
                    </button>
                }
                .into_any()
            }
        }}
    }
    .into_any()
}

/// What is still open; each place can be gone back to.
fn finish_view(going: Going, hands: Hands, lang: Lang) -> AnyView {
    let open =
        going.questionnaire.with_value(|form| going.sheet.with_untracked(|sheet| left_open(form, sheet, going.stream)));
    let floor = going.tablet.draft.with_untracked(|draft| draft.as_ref().and_then(|draft| draft.floor));
    let total: usize = open.iter().map(|(_, count)| count).sum();
    let words = match (total, lang) {
        (0, Lang::Vi) => "Đã trả lời đủ.".to_owned(),
        (0, Lang::En) => "Everything is answered.".to_owned(),
        (_, Lang::Vi) => format!("Còn {total} câu chưa trả lời. Câu nào không muốn trả lời thì để trống."),
        (_, Lang::En) => format!("{total} questions are not answered. Any of them may be left blank."),
    };
    let places = open.into_iter().filter(|(step, _)| floor.is_none_or(|floor| step.rank() >= floor.rank())).map(|(step, count)| {
        let name = going.questionnaire.with_value(|form| heading(form, step, lang));
        view! { <li>{button(format!("{name}: {count}"), SECOND, move || going.change(|draft| draft.step = step))}</li> }
    });
    let then = match hands {
        Hands::Interviewer => say(
            lang,
            "Bấm Lưu phiếu: phiếu được niêm phong cho máy chủ, không ai mở lại được trên máy này.",
            "Press Save: the form is sealed to the server; nobody can open it on this device again.",
        ),
        Hands::Respondent => say(
            lang,
            "Bấm Gửi phiếu: phiếu được niêm phong, máy khoá lại. Người phỏng vấn không xem được.",
            "Press Send: the form is sealed and the device locks. The interviewer cannot see it.",
        ),
    };
    let full =
        move || {
            going.tablet.trouble.with(Option::is_some).then(|| {
                button(say(lang, "Xuất ra tệp", "Export to a file"), SECOND, move || going.tablet.export())
            })
        };
    view! {
        <p>{words}</p>
        <ul class="tab-plain">{places.collect_view()}</ul>
        <p>{then}</p>
        {full}
    }
    .into_any()
}

fn finish_button(going: Going, hands: Hands, lang: Lang) -> AnyView {
    let tablet = going.tablet;
    let busy = RwSignal::new(false);
    let press = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        run(async move {
            let unit = tablet.draft.with_untracked(|draft| draft.as_ref().and_then(|draft| draft.unit.clone()));
            let post = tablet.draft.with_untracked(|draft| draft.as_ref().and_then(|draft| draft.post));
            if tablet.finish(Mode::Tablet).await.is_ok() {
                match (hands, unit, post) {
                    (Hands::Respondent, ..) => tablet.hand_back(),
                    (_, Some(_), _) => tablet.go(Screen::People),
                    (_, None, Some(post)) => tablet.go(Screen::Post(post)),
                    _ => tablet.go(Screen::Home),
                }
            }
            busy.set(false);
        });
    };
    let label = move || match (busy.get(), hands) {
        (true, _) => say(lang, "Đang lưu…", "Saving…"),
        (false, Hands::Interviewer) => say(lang, "Lưu phiếu", "Save the form"),
        (false, Hands::Respondent) => say(lang, "Gửi phiếu", "Send the form"),
    };
    view! {
        <button class="tab-button" on:click=press>
            {label}
        </button>
    }
    .into_any()
}

impl Tablet {
    /// The respondent has finished: thanks, and the device is locked behind it.
    fn hand_back(self) {
        self.lock();
        self.go(Screen::HandedBack);
    }
}

/// Thanks; the interviewer takes the device back with the PIN.
pub(super) fn handed_back(tablet: Tablet, lang: Lang) -> AnyView {
    let inside = view! {
        <p>{say(lang, "Phiếu đã niêm phong và lưu trong máy.", "The form is sealed and kept on the device.")}</p>
        <p>{say(lang, "Xin trả máy lại cho người phỏng vấn.", "Please give the device back to the interviewer.")}</p>
    };
    let go = move || {
        let profiles = tablet.profiles.get_untracked();
        tablet.go(match profiles.as_slice() {
            [one] => Screen::Pin(one.pid.clone()),
            _ => Screen::Profiles,
        });
    };
    let foot = button(say(lang, "Người phỏng vấn: nhập PIN", "Interviewer: enter the PIN"), SECOND, go);
    page(
        tablet,
        lang,
        say(lang, "Xin trân trọng cảm ơn Ông/Bà!", "Thank you very much!").to_owned(),
        inside.into_any(),
        Some(foot),
    )
}

/// A self-completion that was interrupted: it goes on where nothing is answered yet, or ends as it is. No answer is shown.
pub(super) fn interrupted(tablet: Tablet, lang: Lang) -> AnyView {
    let place = move |step: Option<Step>| {
        let form = tablet.open.with_untracked(|open| open.as_ref().and_then(|open| open.questionnaire().cloned()));
        let (Some(mut draft), Some(form)) = (tablet.draft.get_untracked(), form) else { return };
        let step = step.unwrap_or_else(|| first_untouched(&form, &draft.sheet(&form), tablet.stream()));
        draft.step = step;
        draft.floor = Some(step);
        run(async move { tablet.begin(draft).await });
    };
    let finish = move || {
        run(async move {
            if tablet.finish(Mode::Tablet).await.is_ok() {
                tablet.go(Screen::Home);
            }
        });
    };
    let inside = view! {
        <p>
            {say(
                lang,
                "Phiếu này do người trả lời tự điền và chưa xong. Các câu đã trả lời không hiện lại. Đưa máy cho người trả lời để điền tiếp, hoặc kết thúc phiếu như đang có.",
                "The respondent was answering this form alone and has not finished. What was answered is not shown. Hand the device over to go on, or finish the form as it is.",
            )}
        </p>
    };
    let foot = view! {
        {button(say(lang, "Kết thúc như đang có", "Finish as it is"), SECOND, finish)}
        {button(say(lang, "Đưa máy để điền tiếp", "Hand over to go on"), "", move || place(None))}
    };
    page(
        tablet,
        lang,
        say(lang, "Phiếu tự điền dang dở", "An unfinished form").to_owned(),
        inside.into_any(),
        Some(foot.into_any()),
    )
}
