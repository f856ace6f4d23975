//! Freezing, publishing and correcting rounds. Each act has a page of its own that says what it means first.

use leptos::prelude::*;

mod preview;

use super::{done, fault, in_lang};
use crate::components::number::{count, instant, say};
use crate::components::tables::Scroll;
use crate::domain::limits;
use crate::domain::publication::Code;
use crate::domain::response::Stream;
use crate::domain::text::Lang;
use crate::pages::publications::address;
use crate::pages::results::model::CityPage;
use crate::pages::results::{HiddenCounts, words};
use crate::store::Unfinished;
use preview::preview_view;

/// Where a round stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Takes answers, or will.
    Open,
    /// Takes none any more, and is not frozen.
    Closed,
    /// Frozen at this instant, milliseconds since 1970, and not published.
    Frozen(i64),
    /// Published: number, code, when.
    Published(i32, Code, i64),
}

/// A round.
#[derive(Clone, Debug)]
pub struct RoundLine {
    /// Code in addresses.
    pub code: String,
    /// Name.
    pub name: String,
    /// Its data are simulated.
    pub sample_data: bool,
    /// Where it stands.
    pub stage: Stage,
}

/// What an administrator may do with a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Chốt số liệu.
    Freeze,
    /// Công bố.
    Publish,
    /// Đính chính.
    Correct,
}

impl Step {
    /// The word in the address.
    pub fn word(self) -> &'static str {
        match self {
            Self::Freeze => "khoa-so",
            Self::Publish => "cong-bo",
            Self::Correct => "dinh-chinh",
        }
    }

    /// The step of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Freeze, Self::Publish, Self::Correct].into_iter().find(|step| step.word() == word)
    }

    fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::Freeze => say(lang, "Chốt số liệu", "Freeze"),
            Self::Publish => say(lang, "Công bố", "Publish"),
            Self::Correct => say(lang, "Đính chính", "Correct"),
        }
    }
}

impl Stage {
    /// What comes next.
    pub fn next(&self) -> Step {
        match self {
            Self::Open | Self::Closed => Step::Freeze,
            Self::Frozen(_) => Step::Publish,
            Self::Published(..) => Step::Correct,
        }
    }
}

/// Why nothing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActFault {
    /// The round takes answers, and closing it was not asked for.
    Open,
    /// It does not stand where the act begins: frozen or published meanwhile, or not frozen.
    Stage,
    /// A correction without a reason, or with one that is too long.
    Reason,
    /// Another publication came between.
    Overtaken,
}

impl ActFault {
    /// What to tell.
    pub fn words(self, lang: Lang) -> &'static str {
        match self {
            Self::Open => say(
                lang,
                "Đợt này còn nhận phiếu. Muốn chốt số liệu ngay, xin đánh dấu vào ô đóng đợt.",
                "This round still takes answers. To freeze it now, tick the box that closes it.",
            ),
            Self::Stage => say(
                lang,
                "Đợt này không còn ở bước đó nữa. Xin xem lại tình trạng dưới đây.",
                "The round is not at that step any more. Please look at its state below.",
            ),
            Self::Reason => say(
                lang,
                "Xin ghi lý do đính chính, nhiều nhất 1.000 ký tự; lý do được công bố.",
                "Please write the reason of the correction, at most 1,000 characters; it is published.",
            ),
            Self::Overtaken => say(
                lang,
                "Vừa có một bản công bố khác. Xin làm lại để nối tiếp bản ấy.",
                "Another publication was made just now. Please do it again, so that this one follows it.",
            ),
        }
    }
}

/// The list of rounds.
#[derive(Clone, Debug)]
pub struct RoundsPage {
    /// Language.
    pub lang: Lang,
    /// The rounds, the newest first.
    pub rounds: Vec<RoundLine>,
    /// What is wrong with what was published; empty where nothing is.
    pub broken: Vec<String>,
    /// Why nothing was done.
    pub fault: Option<ActFault>,
    /// What was done.
    pub done: Option<Step>,
}

/// The title.
pub fn rounds_title(lang: Lang) -> &'static str {
    say(lang, "Chốt số liệu và công bố", "Freezing and publication")
}

/// The list.
pub fn rounds_view(page: &RoundsPage) -> AnyView {
    let lang = page.lang;
    let rows: Vec<_> = page
        .rounds
        .iter()
        .map(|round| {
            let stage = match &round.stage {
                Stage::Open => say(lang, "đang nhận phiếu", "takes answers").into_any(),
                Stage::Closed => say(lang, "đã đóng, chưa chốt số liệu", "closed, not frozen").into_any(),
                Stage::Frozen(at) => {
                    format!("{} {}", say(lang, "đã chốt số liệu lúc", "frozen at"), instant(*at, lang)).into_any()
                }
                Stage::Published(number, code, at) => {
                    let words = match lang {
                        Lang::Vi => format!("bản công bố số {number} · mã {code}, {}", instant(*at, lang)),
                        Lang::En => format!("publication No. {number} · code {code}, {}", instant(*at, lang)),
                    };
                    view! { <a href=address(*number, lang)>{words}</a> }.into_any()
                }
            };
            let step = round.stage.next();
            let href = in_lang(&format!("/quan-tri/cong-bo/{}/{}", round.code, step.word()), lang);
            let mark = round.sample_data.then(|| say(lang, " · số liệu mô phỏng", " · simulated data"));
            let label = format!("{}: {}", step.name(lang), round.name);
            view! {
                <tr>
                    <th scope="row">{round.name.clone()}{mark}</th>
                    <td>{stage}</td>
                    <td>
                        <a href=href aria-label=label>
                            {step.name(lang)}
                        </a>
                    </td>
                </tr>
            }
        })
        .collect();
    let table = if rows.is_empty() {
        view! {
            <div class="empty">
                <p>{say(lang, "Chưa có đợt đo lường nào.", "There is no round yet.")}</p>
            </div>
        }
        .into_any()
    } else {
        view! {
            <Scroll label=rounds_title(lang)>
                <table class="plain">
                    <thead>
                        <tr>
                            <th scope="col">{say(lang, "Đợt", "Round")}</th>
                            <th scope="col">{say(lang, "Tình trạng", "State")}</th>
                            <th scope="col">{say(lang, "Việc tiếp theo", "Next step")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </Scroll>
        }
        .into_any()
    };
    let broken: Vec<_> = page.broken.iter().map(|words| view! { <p class="error">{words.clone()}</p> }).collect();
    let whole = page.broken.is_empty().then(|| {
        say(
            lang,
            "Đã kiểm tra: các bản công bố và số liệu đã chốt toàn vẹn, chưa bị thay đổi.",
            "Checked: all publications, frozen counts and the chain of hashes are intact.",
        )
    });
    let was_done = page.done.map(|step| match step {
        Step::Freeze => say(lang, "Đã chốt số liệu.", "The round is frozen."),
        Step::Publish => say(lang, "Đã công bố.", "Published."),
        Step::Correct => say(lang, "Đã đính chính.", "Corrected."),
    });
    view! {
        <h1>{rounds_title(lang)}</h1>
        {done(was_done)}
        {fault(page.fault.map(|fault| fault.words(lang)))}
        {table}
        {broken}
        <p class="prose secondary">{whole}</p>
    }
    .into_any()
}

/// The page that says what an act means and asks for it once more.
#[derive(Clone, Debug)]
pub struct ConfirmPage {
    /// Language.
    pub lang: Lang,
    /// The round.
    pub round: RoundLine,
    /// The act.
    pub step: Step,
    /// What is hidden in each stream of what would be published.
    pub hidden: Vec<(Stream, HiddenCounts)>,
    /// The figures that would be published, a page for each stream.
    pub preview: Vec<CityPage>,
    /// What all agencies belong to.
    pub place: String,
    /// What a freeze would come before.
    pub unfinished: Unfinished,
    /// Why it was not done.
    pub fault: Option<ActFault>,
    /// The reason as it was typed.
    pub reason: String,
}

/// The title.
pub fn confirm_title(page: &ConfirmPage) -> String {
    let error = page.fault.map(|_| say(page.lang, "Lỗi: ", "Error: ")).unwrap_or_default();
    format!("{error}{} · {}", page.step.name(page.lang), page.round.name)
}

/// The page.
pub fn confirm_view(page: &ConfirmPage) -> AnyView {
    let (lang, step) = (page.lang, page.step);
    let meaning: &[(&str, &str)] = match step {
        Step::Freeze => &[
            (
                "Số liệu của đợt được đếm đến phiếu cuối cùng rồi giữ nguyên từ đó.",
                "The counts of the round are completed and kept as they are from then on.",
            ),
            (
                "Phiếu đến sau vẫn được lưu, được đánh dấu là đến muộn và không tính vào chỉ số nào.",
                "Responses that arrive later are stored, marked as late, and are in no figure.",
            ),
            (
                "Mẫu phiếu, phương pháp và số hồ sơ N của từng tầng cũng được giữ nguyên.",
                "Questionnaire, method and the N of each stratum are kept as well.",
            ),
            (
                "Không thể hoàn tác. Chưa có gì được công bố ở bước này.",
                "It cannot be undone. Nothing is published at this step.",
            ),
        ],
        Step::Publish => &[
            (
                "Số liệu đã chốt hiện trên trang Kết quả cho mọi người.",
                "The frozen figures appear on the results page, for everybody.",
            ),
            (
                "Bản công bố có số, có mã kiểm tra toàn vẹn và nối vào chuỗi các bản trước.",
                "The publication gets a number and a signature, and joins the chain.",
            ),
            (
                "Không rút lại được; sai sót chỉ sửa bằng một bản đính chính có lý do.",
                "It cannot be withdrawn; an error is mended only by a correction with a reason.",
            ),
        ],
        Step::Correct => &[
            (
                "Số liệu được đếm lại và công bố lại toàn bộ, kèm lý do.",
                "The round is counted again and published anew as a whole, with the reason.",
            ),
            (
                "Cơ quan có dưới 5 phiếu thay đổi giữ số liệu cũ, để không ai suy ra được câu trả lời của một người.",
                "An agency with fewer than 5 changed responses keeps its figures, so that nobody's answer can be worked out.",
            ),
            (
                "Bản cũ vẫn đọc được và ghi rõ là đã được đính chính.",
                "The old publication stays readable and says that it was corrected.",
            ),
        ],
    };
    let meaning: Vec<_> = meaning.iter().map(|(vi, en)| view! { <li>{say(lang, vi, en)}</li> }).collect();
    let close = (step == Step::Freeze && page.round.stage == Stage::Open).then(|| {
        view! {
            <p class="staff-field">
                <input id="dong" name="dong" type="checkbox" value="1"/>
                " "
                <label for="dong">
                    {say(lang, "Đóng đợt này ngay bây giờ: các quầy ngừng nhận phiếu", "Close this round now: its desks take no more answers")}
                </label>
            </p>
        }
    });
    let reason = (step == Step::Correct).then(|| {
        view! {
            <div class="staff-field">
                <label class="label" for="ly-do">
                    {say(lang, "Lý do đính chính (được công bố)", "Reason of the correction (published)")}
                </label>
                <textarea
                    class="field"
                    id="ly-do"
                    name="ly-do"
                    rows="4"
                    maxlength=limits::REASON_CHARS
                    required
                    // A line break right after the tag is eaten by the parser: give it one to eat.
                    inner_html=format!("\n{}", html_escape::encode_double_quoted_attribute(&page.reason))
                ></textarea>
            </div>
        }
    });
    let button = match step {
        Step::Freeze => say(lang, "Chốt số liệu đợt này", "Freeze this round"),
        Step::Publish => say(lang, "Công bố đợt này", "Publish this round"),
        Step::Correct => say(lang, "Đếm lại và đính chính", "Count again and correct"),
    };
    let action = in_lang(&format!("/quan-tri/cong-bo/{}/{}", page.round.code, step.word()), lang);
    view! {
        <div class="spaced">
        <h1>{format!("{} · {}", step.name(lang), page.round.name)}</h1>
        {fault(page.fault.map(|fault| fault.words(lang)))}
        <h2>{say(lang, "Lưu ý trước khi thực hiện", "Before you go on")}</h2>
        <ul class="prose">{meaning}</ul>
        {(step == Step::Publish).then(|| preview_view(page))}
        {(step == Step::Publish).then(|| hidden_view(&page.hidden, lang))}
        {(step == Step::Freeze).then(|| unfinished_view(page))}
        <div class="staff-form">
            <form method="post" action=action>
                {close}
                {reason}
                <button class="button">{button}</button>
            </form>
            <p>
                <a href=in_lang("/quan-tri/cong-bo", lang)>{say(lang, "Hủy, quay lại", "Cancel, go back")}</a>
            </p>
        </div>
        </div>
    }
    .into_any()
}

/// What is still under way, each with the page where it is finished. Nothing where all is done.
fn unfinished_view(page: &ConfirmPage) -> Option<AnyView> {
    let (lang, left) = (page.lang, page.unfinished);
    if left == Unfinished::default() {
        return None;
    }
    let n = |n: i64| count(n, lang);
    let quality = format!("/quan-tri/chat-luong/{}", page.round.code);
    let lines = [
        (
            left.paper,
            "/quan-tri/phieu-giay",
            say(lang, "Phiếu giấy", "Paper forms"),
            say(
                lang,
                "đã nhập nhưng chưa tính: tập chưa đóng, chưa nhập lần hai hoặc chưa chốt chỗ khác nhau",
                "keyed and not counted: a batch that is not closed, a second keying or a decision that is missing",
            ),
        ),
        (
            left.on_tablets,
            "/quan-tri/doi",
            say(lang, "Phiếu và ghi chép", "Answers and notes"),
            say(lang, "còn trong máy của đội, theo lần liên lạc cuối", "still on devices, as they last said"),
        ),
        (
            left.proposals,
            quality.as_str(),
            say(lang, "Đề nghị loại, lấy lại phiếu", "Proposals on responses"),
            say(lang, "chờ người thứ hai phê duyệt", "wait for a second person"),
        ),
    ];
    let lines: Vec<_> = lines
        .into_iter()
        .filter(|(left, ..)| *left > 0)
        .map(|(left, address, what, how)| {
            view! {
                <li>
                    <a href=in_lang(address, lang)>{what}</a>
                    {format!(": {} {how}.", n(left))}
                </li>
            }
        })
        .collect();
    Some(
        view! {
            <h2>{say(lang, "Còn dở trong đợt này", "Still under way in this round")}</h2>
            <ul class="prose">{lines}</ul>
            <p class="prose">
                {say(
                    lang,
                    "Chốt số liệu rồi thì làm tiếp những việc này không đổi chỉ số nữa.",
                    "Once it is frozen, finishing these changes no figure any more.",
                )}
            </p>
        }
        .into_any(),
    )
}

/// What is hidden and why, in numbers.
fn hidden_view(hidden: &[(Stream, HiddenCounts)], lang: Lang) -> AnyView {
    let number = |n: usize| count(i64::try_from(n).unwrap_or(i64::MAX), lang);
    let rows: Vec<_> = hidden
        .iter()
        .map(|(stream, hidden)| {
            view! {
                <tr>
                    <th scope="row">{words::stream(*stream, lang)}</th>
                    <td class="num">{number(hidden.agencies)}</td>
                    <td class="num">{number(hidden.agencies_few)}</td>
                    <td class="num">{number(hidden.agencies_beside)}</td>
                    <td class="num">{number(hidden.totals)}</td>
                    <td class="num">{number(hidden.factors)}</td>
                    <td class="num">{number(hidden.criteria)}</td>
                </tr>
            }
        })
        .collect();
    let title = say(lang, "Những gì bị ẩn và vì sao", "What is hidden, and why");
    view! {
        <h2>{title}</h2>
        <p class="prose">
            {say(
                lang,
                "Số liệu dựa trên dưới 5 người bị ẩn, và kèm theo đó một số liệu khác để không thể tính ngược từ tổng. Cách ẩn được quyết định một lần và lưu cùng bản công bố.",
                "Figures that rest on fewer than 5 people are hidden, and others beside them so that nothing can be subtracted from a total. What is hidden is decided once and kept with the publication.",
            )}
        </p>
        <Scroll label=title>
            <table class="plain">
                <thead>
                    <tr>
                        <th scope="col">{say(lang, "Nguồn phiếu", "Stream")}</th>
                        <th scope="col" class="num">{say(lang, "Cơ quan", "Agencies")}</th>
                        <th scope="col" class="num">{say(lang, "Ẩn vì dưới 5 phiếu", "Hidden, under 5")}</th>
                        <th scope="col" class="num">{say(lang, "Ẩn kèm", "Hidden beside")}</th>
                        <th scope="col" class="num">{say(lang, "Tổng bị ẩn", "Totals hidden")}</th>
                        <th scope="col" class="num">{say(lang, "Yếu tố bị ẩn", "Factors hidden")}</th>
                        <th scope="col" class="num">{say(lang, "Tiêu chí bị ẩn", "Criteria hidden")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Scroll>
    }
    .into_any()
}
