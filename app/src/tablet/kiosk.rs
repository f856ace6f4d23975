//! A fixed tablet at a desk: faces first, the form after it for who wants, and kindly back to the first page when
//! nobody is there. Answers wait here for a network like all others.

use leptos::prelude::*;

use super::ask::{asked_view, comment_view};
use super::device;
use super::frame::{SECOND, button, mark, page, run};
use super::interview::{Going, heading};
use super::state::{Screen, Tablet, keys, opened, sealed};
use super::store::Change;
use crate::components::number::say;
use crate::domain::answer::Score;
use crate::domain::field_work::Post;
use crate::domain::response::{Mode, local_day};
use crate::domain::text::Lang;
use crate::offline::interview::{Draft, Hands, Step};
use crate::offline::queue::Kind;
use crate::offline::shift::{Idle, Presses, THANKS_MS, left_after_tap};

/// The thanks stand this long, in milliseconds.
const THANKS_STAND_MS: i64 = 12_000;
/// Between two looks at whether somebody is there, in milliseconds.
const LOOK_MS: i32 = 500;

/// Eyes and mouths of the five faces, as on the phone page.
const EYES: &str = "M8.5 9.5h0M15.5 9.5h0";
const MOUTHS: [&str; 5] = [
    "M7.5 17.5Q12 11.8 16.5 17.5M6.3 6.2L10 7.6M17.7 6.2L14 7.6",
    "M8 16.8Q12 13.6 16 16.8",
    "M8 15.5H16",
    "M8 14.6Q12 17.8 16 14.6",
    "M7 13.6Q12 20.6 17 13.6Z",
];

/// Where the person stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The first page.
    Faces,
    /// After the tap: more, or enough.
    Tapped,
    /// In the form.
    Form(Step),
    /// Thanks, since then.
    Thanks(i64),
}

#[derive(Clone, Copy)]
struct Kiosk {
    tablet: Tablet,
    place: RwSignal<Place>,
    lang: RwSignal<Lang>,
    idle: RwSignal<Idle>,
    presses: StoredValue<Presses>,
    post: StoredValue<Post>,
}

/// The kiosk, or what it waits for.
pub(super) fn kiosk(tablet: Tablet, lang: Lang) -> AnyView {
    // Only what the kiosk needs decides whether it is drawn anew: an update of the kit must not move a person's page.
    let ready = Memo::new(move |_| {
        tablet.open.with(|open| {
            let open = open.as_ref()?;
            let kit = open.kit.as_ref().filter(|kit| !kit.signed_out)?;
            let form = &kit.round.as_ref()?.questionnaire;
            Some((kit.posts.first()?.clone(), form.key.clone(), form.version))
        })
    });
    view! {
        {move || match ready.get() {
            Some((post, ..)) => Kiosk::begin(tablet, lang, post),
            None => waiting(tablet, lang),
        }}
    }
    .into_any()
}

fn waiting(tablet: Tablet, lang: Lang) -> AnyView {
    let words = say(
        lang,
        "Máy chưa có mẫu phiếu hoặc đã bị thu hồi. Hãy nối mạng và bấm Cập nhật.",
        "This device has no form yet or was signed out. Connect it and press Update.",
    );
    let foot = view! {
        {button(say(lang, "Phiếu trong máy", "Forms on the device"), SECOND, move || tablet.go(Screen::Outbox))}
        {button(say(lang, "Cập nhật", "Update"), "", move || run(async move {
            let _ = tablet.fetch_kit().await;
        }))}
    };
    let inside = view! { <p>{words}</p> };
    page(tablet, lang, say(lang, "Máy tại quầy", "Kiosk").to_owned(), inside.into_any(), Some(foot.into_any()))
}

impl Kiosk {
    fn begin(tablet: Tablet, lang: Lang, post: Post) -> AnyView {
        let kiosk = Self {
            tablet,
            place: RwSignal::new(Place::Faces),
            lang: RwSignal::new(lang),
            idle: RwSignal::new(Idle::Here),
            presses: StoredValue::new(Presses::default()),
            post: StoredValue::new(post),
        };
        // What somebody left behind when the browser was killed stands.
        run(async move {
            kiosk.load().await;
            if tablet.draft.with_untracked(Option::is_some) {
                drop(tablet.finish(Mode::Kiosk).await);
            }
        });
        run(async move { kiosk.watch().await });
        view! {
            {move || {
                let (place, lang) = (kiosk.place.get(), kiosk.lang.get());
                run(async {
                    device::sleep(0).await;
                    device::focus_heading();
                });
                kiosk.show(place, lang)
            }}
        }
        .into_any()
    }

    fn show(self, place: Place, lang: Lang) -> AnyView {
        device::name_page("Hài Lòng", lang.tag());
        let other = if lang == Lang::Vi { (Lang::En, "English") } else { (Lang::Vi, "Tiếng Việt") };
        let inside = match place {
            Place::Faces => self.faces(lang),
            Place::Tapped => self.tapped(lang),
            Place::Form(step) => self.form(step, lang),
            Place::Thanks(_) => self.thanks(lang),
        };
        let light = move || {
            let full = self.tablet.facts.with(|facts| facts.full_screen);
            (!full).then(|| {
                let words = say(lang, "Chưa toàn màn hình", "Not full screen");
                view! {
                    <button class="tab-light" on:click=move |_| device::fill_screen()>
                        {words}
                    </button>
                }
            })
        };
        view! {
            <header class="tab-head">
                <span class="tab-head__who">{self.post.with_value(|post| post.name.clone())}</span>
                {light}
                <button class="tab-link" lang=other.0.tag() on:click=move |_| self.lang.set(other.0)>
                    {other.1}
                </button>
                {mark(self.tablet, lang)}
            </header>
            <main class="tab-main tab-main--kiosk">{inside} {self.asking(lang)}</main>
        }
        .into_any()
    }

    fn faces(self, lang: Lang) -> AnyView {
        let Some((question, labels)) = self.tablet.open.with_untracked(|open| {
            let form = open.as_ref()?.questionnaire()?;
            Some((
                form.tap.get(lang).to_owned(),
                form.scale.labels.iter().map(|l| l.get(lang).to_owned()).collect::<Vec<_>>(),
            ))
        }) else {
            return ().into_any();
        };
        let faces = (1_u8..).zip(labels).zip(MOUTHS).map(|((level, word), mouth)| {
            let name = match lang {
                Lang::Vi => format!("{word}, mức {level} trên 5"),
                Lang::En => format!("{word}, level {level} of 5"),
            };
            view! {
                <button class="tab-face" aria-label=name on:click=move |_| self.tap(level)>
                    <svg viewBox="0 0 24 24" aria-hidden="true">
                        <circle cx="12" cy="12" r="10.5"></circle>
                        <path class="tab-face__eyes" d=EYES></path>
                        <path class:tab-face__full=level == 5 d=mouth></path>
                    </svg>
                    {word}
                </button>
            }
        });
        let waiting = move || {
            let counts = self.tablet.queue.with(|queue| queue.counts(Kind::Response));
            format!("{} · {}", counts.waiting + counts.held, counts.kept)
        };
        view! {
            <h1 tabindex="-1" class="tab-question">
                {question}
            </h1>
            <div class="tab-faces">{faces.collect_view()}</div>
            <p class="tab-hint">
                {say(
                    lang,
                    "Chạm một mức là đã gửi. Không hỏi tên, số điện thoại. Cán bộ không biết ai trả lời.",
                    "One tap sends it. We ask for no name and no phone number. Staff cannot tell who answered.",
                )}
            </p>
            <details class="tab-staff">
                <summary>{say(lang, "Dành cho cán bộ", "For staff")}</summary>
                <p>
                    {say(
                        lang,
                        "Khoá máy ở màn hình này: Cài đặt → Bảo mật → Ghim ứng dụng (Screen pinning), bật lên, mở lại trang này, bấm nút ứng dụng gần đây rồi chọn hình cái ghim. Bấm “Chưa toàn màn hình” ở góc trên nếu còn thấy.",
                        "Pin the device to this screen: Settings → Security → Screen pinning, switch it on, open this page again, press recent apps and choose the pin. Press “Not full screen” at the top where it still shows.",
                    )}
                </p>
                <p>{say(lang, "Chưa gửi · đã nhận: ", "Not sent · received: ")} {waiting}</p>
                {button(
                    say(lang, "Phiếu trong máy", "Forms on the device"),
                    SECOND,
                    move || self.tablet.go(Screen::Outbox),
                )}
            </details>
        }
        .into_any()
    }

    /// A face was touched: on the disk at once, as a draft that stands whatever happens next.
    fn tap(self, level: u8) {
        self.tablet.touched.set_value(device::now());
        if self.tablet.draft.with_untracked(Option::is_some) {
            return;
        }
        self.count(|presses| presses.taps += 1);
        let Some(mut draft) = self.draft() else { return };
        let form = self.tablet.open.with_untracked(|open| open.as_ref().and_then(|open| open.questionnaire().cloned()));
        let Some(form) = form else { return };
        let mut sheet = draft.sheet(&form);
        sheet.tap = Score::new(level);
        draft.keep(&sheet, &form);
        self.tablet.draft.set(Some(draft.clone()));
        run(async move {
            if self.tablet.keep_draft(&draft).await.is_ok() {
                self.place.set(Place::Tapped);
            } else {
                self.tablet.draft.set(None);
            }
        });
    }

    fn draft(self) -> Option<Draft> {
        let post = self.post.get_value();
        let questionnaire = self.tablet.open.with_untracked(|open| {
            let form = open.as_ref()?.questionnaire()?;
            Some((form.key.clone(), form.version))
        })?;
        Some(Draft {
            id: device::new_id()?,
            unit: None,
            post: Some(post.post),
            label: post.name,
            desk: Some(post.desk),
            agency: post.agency,
            field: None,
            lang: self.lang.get_untracked(),
            script: 0,
            started_at: device::now(),
            step: Step::Opening,
            hands: Hands::Interviewer,
            floor: None,
            questionnaire,
            sheet: String::new(),
            comment: String::new(),
        })
    }

    fn tapped(self, lang: Lang) -> AnyView {
        view! {
            <h1 tabindex="-1" class="tab-question">
                {say(lang, "Đã ghi nhận. Cảm ơn Ông/Bà.", "Recorded. Thank you.")}
            </h1>
            <p>
                {say(
                    lang,
                    "Muốn nói rõ điều gì tốt, điều gì chưa tốt, Ông/Bà trả lời thêm ít câu.",
                    "To say what was good and what was not, answer a few more questions.",
                )}
            </p>
            <div class="tab-choices">
                {button(say(lang, "Thế là đủ", "That is all"), "", move || self.done())}
                {button(say(lang, "Đánh giá kỹ hơn", "Tell us more"), SECOND, move || self.place.set(Place::Form(Step::Opening)))}
            </div>
        }
        .into_any()
    }

    fn form(self, step: Step, lang: Lang) -> AnyView {
        let form = self.tablet.open.with_untracked(|open| open.as_ref().and_then(|open| open.questionnaire().cloned()));
        let (Some(draft), Some(form)) = (self.tablet.draft.get_untracked(), form) else { return ().into_any() };
        let going = Going::new(self.tablet, &draft, form);
        let steps: Vec<Step> = going.steps(Hands::Interviewer);
        let steps: Vec<Step> = steps.into_iter().filter(|step| *step != Step::Finish).collect();
        let at = steps.iter().position(|each| *each == step).unwrap_or_default();
        let title = going.questionnaire.with_value(|form| heading(form, step, lang));
        let inside = if step == Step::Comment { comment_view(going, lang) } else { asked_view(going, step, lang) };
        let walk = move |forward: bool| {
            // Asked anew: an answer may have opened or closed a screen.
            let steps = going.steps(Hands::Interviewer);
            let to = crate::offline::interview::next(&steps, step, forward);
            going.change(|draft| draft.step = to);
            if to == Step::Finish { self.done() } else { self.place.set(Place::Form(to)) }
        };
        let place = format!("{}/{}", at + 1, steps.len());
        view! {
            <h1 tabindex="-1">{title}</h1>
            <p class="tab-hint">{place}</p>
            {inside}
            <div class="tab-choices">
                {button(say(lang, "Tiếp", "Next"), "", move || walk(true))}
                {(at > 0).then(|| button(say(lang, "Trước", "Back"), SECOND, move || walk(false)))}
                {button(say(lang, "Gửi luôn", "Send as it is"), SECOND, move || self.done())}
            </div>
        }
        .into_any()
    }

    /// The form is over: sealed and kept.
    fn done(self) {
        let lang = self.lang.get_untracked();
        if let Some(mut draft) = self.tablet.draft.get_untracked() {
            draft.lang = lang;
            self.tablet.draft.set(Some(draft));
        }
        run(async move {
            if self.tablet.finish(Mode::Kiosk).await.is_ok() {
                self.place.set(Place::Thanks(device::now()));
            }
        });
    }

    /// Taps so soon are those of the hand that has just sent: they are counted, and do nothing.
    fn thanks(self, lang: Lang) -> AnyView {
        let again = move |_| {
            if let Place::Thanks(since) = self.place.get_untracked() {
                if device::now().saturating_sub(since) < THANKS_MS {
                    self.count(|presses| presses.ignored += 1);
                } else {
                    self.home();
                }
            }
        };
        view! {
            <h1 tabindex="-1" class="tab-question">
                {say(lang, "Xin trân trọng cảm ơn Ông/Bà!", "Thank you very much!")}
            </h1>
            <p>{say(lang, "Phiếu đã được ghi.", "Your answer is recorded.")}</p>
            <button class="tab-big" on:click=again>
                {say(lang, "Người tiếp theo", "Next person")}
            </button>
        }
        .into_any()
    }

    fn home(self) {
        self.lang.set(self.tablet.lang.get_untracked());
        self.idle.set(Idle::Here);
        self.place.set(Place::Faces);
    }

    /// "Ông/Bà còn trả lời không?"
    fn asking(self, lang: Lang) -> AnyView {
        let here = move || {
            self.tablet.touched.set_value(device::now());
            self.idle.set(Idle::Here);
        };
        let other = move || {
            self.count(|presses| presses.abandoned += 1);
            run(async move { self.next_person().await });
        };
        view! {
            <div role="alert">
                {move || {
                    let Idle::Asking(seconds) = self.idle.get() else { return None };
                    let words = match lang {
                        Lang::Vi => format!("Ông/Bà còn trả lời không? Về trang đầu sau {seconds} giây."),
                        Lang::En => format!("Are you still answering? Back to the first page in {seconds} seconds."),
                    };
                    Some(
                        view! {
                            <div class="tab-asking">
                                <p>{words}</p>
                                {button(say(lang, "Tôi đang trả lời", "I am still answering"), "", here)}
                                {button(say(lang, "Tôi là người khác", "I am another person"), SECOND, other)}
                            </div>
                        },
                    )
                }}
            </div>
        }
        .into_any()
    }

    /// Looks whether somebody is there, for as long as the kiosk stands.
    async fn watch(self) {
        loop {
            device::sleep(LOOK_MS).await;
            let Some(place) = self.place.try_get_untracked() else { return };
            match place {
                Place::Faces => {
                    // The screen itself begins anew when it was left in another language.
                    self.tablet.touched.set_value(device::now());
                }
                Place::Thanks(since) if device::now().saturating_sub(since) > THANKS_STAND_MS => self.home(),
                Place::Thanks(_) => {}
                Place::Tapped => {
                    if left_after_tap(self.tablet.touched.get_value(), device::now()) {
                        self.next_person().await;
                    }
                }
                Place::Form(_) => {
                    let idle = self.tablet.idle();
                    if idle == Idle::Gone {
                        self.count(|presses| presses.abandoned += 1);
                        self.next_person().await;
                    } else if self.idle.try_get_untracked() != Some(idle) {
                        self.idle.set(idle);
                    }
                }
            }
        }
    }

    /// What was answered so far is a form of its own, and the faces are shown.
    async fn next_person(self) {
        if self.tablet.finish(Mode::Kiosk).await.is_ok() {
            self.home();
        }
    }

    /// Reads the count of the day.
    async fn load(self) -> Option<()> {
        let (pid, key) =
            self.tablet.open.with_untracked(|open| open.as_ref().map(|o| (o.pid.clone(), o.key.clone())))?;
        let text = self.tablet.store().ok()?.get(&keys::presses(&pid)).await.ok().flatten()?;
        self.presses.set_value(opened(&key, "presses", &text)?);
        Some(())
    }

    /// Counts, keeps the count, and tells it.
    fn count(self, change: impl FnOnce(&mut Presses)) {
        let mut presses = self.presses.get_value().of(local_day(device::now()));
        change(&mut presses);
        self.presses.set_value(presses.clone());
        let post = self.post.with_value(|post| post.post);
        run(async move {
            let open = self.tablet.open.with_untracked(|open| open.as_ref().map(|o| (o.pid.clone(), o.key.clone())));
            let Some((pid, key)) = open else { return };
            let kept = vec![(keys::presses(&pid), Change::Keep(sealed(&key, "presses", &presses)))];
            let subject = format!("presses {post} {}", presses.day);
            drop(self.tablet.tell_again(&subject, presses.told(post), kept).await);
        });
    }
}
