//! What may be taken along as a file: for which round, stream and agencies, what each file holds, what it leaves out
//! and why. Plain links and one plain form.

use leptos::prelude::*;

use super::options;
use super::report::REPORT_FILE;
use crate::components::number::{count, say};
use crate::domain::response::Stream;
use crate::domain::text::Lang;
use crate::pages::results::query::Query;
use crate::pages::results::words;

/// Where the page is.
pub const EXPORT_PATH: &str = "/quan-tri/xuat";

/// What the page shows.
#[derive(Clone, Debug)]
pub struct ExportPage {
    /// Language.
    pub lang: Lang,
    /// Code and name of every round in which the reader has an agency, the newest first.
    pub rounds: Vec<(String, String)>,
    /// The one that is chosen; none before the first round.
    pub chosen: Option<Chosen>,
}

/// The round that is chosen.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The stream that goes out.
    pub stream: Stream,
    /// The streams that have responses.
    pub streams: Vec<Stream>,
    /// How many of its agencies go out.
    pub agencies: usize,
    /// All of them do, so that totals go out as well.
    pub sees_all: bool,
    /// Key and title of each table.
    pub tables: Vec<(&'static str, &'static str)>,
    /// The answers themselves.
    pub answers: Answers,
}

impl Chosen {
    /// The round and the stream as an address says them.
    pub fn query(&self, lang: Lang) -> Query {
        Query { lang, round: Some(self.code.clone()), stream: Some(self.stream), ..Query::default() }
    }
}

/// What goes out of the answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// So many responses of so many agencies; so many agencies stay.
    Some {
        /// Responses.
        responses: usize,
        /// Agencies that go out.
        agencies: usize,
        /// Agencies that stay.
        kept: usize,
    },
    /// The round still takes answers.
    StillOpen,
    /// It is over and not published yet.
    Unpublished,
    /// No responses that are shown.
    Nothing,
}

/// The title.
pub fn export_title(lang: Lang) -> &'static str {
    say(lang, "Xuất dữ liệu", "Exports")
}

/// The address of a file.
pub fn file_address(chosen: &Chosen, file: &str, lang: Lang) -> String {
    chosen.query(lang).href(&format!("{EXPORT_PATH}/{file}"))
}

/// The page.
pub fn export_view(page: &ExportPage) -> AnyView {
    let lang = page.lang;
    let Some(chosen) = &page.chosen else {
        return view! {
            <h1>{export_title(lang)}</h1>
            <div class="empty">
                <p>
                    {say(
                        lang,
                        "Chưa có đợt đo lường nào có cơ quan trong phạm vi của Ông/Bà. Khi có đợt, các tệp sẽ ở đây.",
                        "There is no round yet with an agency in your scope. Once there is one, its files are here.",
                    )}
                </p>
            </div>
        }
        .into_any();
    };
    let link = |file: &str, words: String| {
        view! {
            <li>
                <a href=file_address(chosen, file, lang) download="">
                    {words}
                </a>
            </li>
        }
    };
    let tables: Vec<_> =
        chosen.tables.iter().map(|(key, title)| link(&format!("{key}.csv"), (*title).to_owned())).collect();
    let totals = (!chosen.sees_all).then(|| {
        say(
            lang,
            " Số chung của thành phố và của cấp không có, vì tệp chỉ gồm các cơ quan trong phạm vi của Ông/Bà.",
            " Totals of the city and of levels are not there, for the file holds the agencies of your scope alone.",
        )
    });
    view! {
        <h1>{export_title(lang)}</h1>
        <p>{scope(chosen, lang)}</p>
        {choice(page, chosen)}
        <section aria-labelledby="bang">
            <h2 id="bang">{say(lang, "Bảng số liệu", "Tables")}</h2>
            {what(
                say(
                    lang,
                    "Đúng các số trên trang kết quả: chỉ số, khoảng tin cậy, thứ hạng, yếu tố, tiêu chí, phân bố câu trả lời, và cách tính.",
                    "The figures of the results pages: index, interval, rank, factors, criteria, distributions, and the method.",
                )
                .into_any(),
                (
                    say(
                        lang,
                        "Ô ghi “ẩn” dựa trên dưới 5 người, hoặc từ đó suy ra được số như vậy; không có tháng, ngày, quầy.",
                        "Cells that say “hidden” rest on fewer than 5 people, or would give such a figure away; no month, day or desk.",
                    ),
                    totals,
                )
                    .into_any(),
                lang,
            )}
            <ul class="files">
                {link("tat-ca.xlsx", say(lang, "Tất cả bảng trong một tệp (XLSX)", "All tables in one file (XLSX)").to_owned())}
                {link("tat-ca.json", say(lang, "Tất cả bảng cho máy đọc (JSON)", "All tables for programs (JSON)").to_owned())}
            </ul>
            <h3 id="tung-bang">{say(lang, "Từng bảng (CSV)", "One table each (CSV)")}</h3>
            <ul class="files files--row" aria-labelledby="tung-bang">
                {tables}
            </ul>
        </section>
        <section aria-labelledby="bao-cao">
            <h2 id="bao-cao">{say(lang, "Báo cáo năm", "Yearly report")}</h2>
            {what(
                say(
                    lang,
                    "Báo cáo theo thể thức Nghị định 30/2020/NĐ-CP, với bảng và biểu đồ của đợt này. Viết bằng tiếng Việt.",
                    "The report in the layout of Nghị định 30/2020/NĐ-CP, with tables and charts of this round. In Vietnamese.",
                )
                .into_any(),
                say(
                    lang,
                    "Số, ngày, chữ ký và kiến nghị để trống, vì đó là phần của cơ quan; số liệu bị ẩn thì ẩn như trong bảng.",
                    "Number, date, signature and proposals are left to the office; hidden figures are hidden as in the tables.",
                )
                .into_any(),
                lang,
            )}
            <ul class="files">
                <li>
                    <a href=file_address(chosen, REPORT_FILE, lang)>
                        {say(lang, "Báo cáo để đọc và in", "The report to read and print")}
                    </a>
                </li>
                {link("bao-cao.docx", say(lang, "Báo cáo để sửa (DOCX)", "The report to edit (DOCX)").to_owned())}
            </ul>
        </section>
        <section aria-labelledby="phieu">
            <h2 id="phieu">{say(lang, "Phiếu trả lời đã xáo trộn", "Answers, shuffled")}</h2>
            {answers(chosen, lang)}
        </section>
        <p class="secondary export-log">
            {say(
                lang,
                "Mỗi lần tải về được ghi vào nhật ký: ai, lúc nào, tệp nào.",
                "Each download is in the log: who, when, which file.",
            )}
        </p>
    }
    .into_any()
}

/// What files hold, and what they leave out.
fn what(holds: AnyView, leaves_out: AnyView, lang: Lang) -> AnyView {
    view! {
        <dl class="what">
            <dt>{say(lang, "Có gì", "What is in it")}</dt>
            <dd>{holds}</dd>
            <dt>{say(lang, "Không có gì, vì sao", "What is not, and why")}</dt>
            <dd>{leaves_out}</dd>
        </dl>
    }
    .into_any()
}

fn number(n: usize, lang: Lang) -> String {
    count(i64::try_from(n).unwrap_or(i64::MAX), lang)
}

fn scope(chosen: &Chosen, lang: Lang) -> String {
    let (name, n) = (&chosen.name, number(chosen.agencies, lang));
    let stream = words::stream(chosen.stream, lang);
    match (lang, chosen.sees_all) {
        (Lang::Vi, true) => format!("{name} · {stream} · cả {n} cơ quan của đợt."),
        (Lang::Vi, false) => format!("{name} · {stream} · {n} cơ quan trong phạm vi của Ông/Bà."),
        (Lang::En, true) => format!("{name} · {stream} · all {n} agencies of the round."),
        (Lang::En, false) => format!("{name} · {stream} · {n} agencies in your scope."),
    }
}

fn choice(page: &ExportPage, chosen: &Chosen) -> AnyView {
    let lang = page.lang;
    let rounds = options(&page.rounds, &chosen.code);
    let streams: Vec<_> = chosen
        .streams
        .iter()
        .map(|stream| {
            view! {
                <option value=stream.word() selected=*stream == chosen.stream>
                    {words::stream(*stream, lang)}
                </option>
            }
        })
        .collect();
    view! {
        <form class="filter" method="get" action=EXPORT_PATH>
            {(lang != Lang::Vi).then(|| view! { <input type="hidden" name="lang" value=lang.tag()/> })}
            <div class="filter__field">
                <label class="label" for="dot">
                    {say(lang, "Đợt", "Round")}
                </label>
                <select class="field" id="dot" name="dot">
                    {rounds}
                </select>
            </div>
            <div class="filter__field">
                <label class="label" for="nguon">
                    {say(lang, "Nguồn phiếu", "Stream")}
                </label>
                <select class="field" id="nguon" name="nguon">
                    {streams}
                </select>
            </div>
            <button class="button button--secondary">{say(lang, "Xem", "Show")}</button>
        </form>
    }
    .into_any()
}

fn answers(chosen: &Chosen, lang: Lang) -> AnyView {
    let (responses, agencies, kept) = match chosen.answers {
        Answers::Some { responses, agencies, kept } => (responses, agencies, kept),
        Answers::StillOpen => {
            return view! {
                <p>
                    {say(
                        lang,
                        "Chưa có tệp: đợt còn nhận phiếu. Hai tệp cách nhau vài phiếu sẽ cho biết các phiếu mới trả lời gì; sau khi đóng đợt, tệp sẽ ở đây.",
                        "No file yet: the round still takes answers. Two files a few responses apart would give the new ones away; once the round is over, the file is here.",
                    )}
                </p>
            }
            .into_any();
        }
        Answers::Unpublished => {
            return view! {
                <p>
                    {say(
                        lang,
                        "Chưa có tệp: đợt chưa được công bố, phiếu thu trước khi đóng đợt còn có thể về. Công bố xong, tệp sẽ ở đây.",
                        "No file yet: the round is not published, and answers given before its end may still come in. Once it is published, the file is here.",
                    )}
                </p>
            }
            .into_any();
        }
        Answers::Nothing => {
            return view! {
                <p>{say(lang, "Nguồn phiếu này chưa có phiếu hợp lệ.", "This stream has no valid responses.")}</p>
            }
            .into_any();
        }
    };
    let (n, of, stay) = (number(responses, lang), number(agencies, lang), number(kept, lang));
    let holds = match lang {
        Lang::Vi => format!(
            "{n} phiếu hợp lệ của {of} cơ quan: cơ quan, tầng, câu trả lời từng tiêu chí. Cùng tệp số hồ sơ, lệnh hailong index tính lại được chỉ số trên trang."
        ),
        Lang::En => format!(
            "{n} valid responses of {of} agencies: agency, stratum, answers to the criteria. With the file of dossiers beside, hailong index computes the index of the page again."
        ),
    };
    let left_out = match lang {
        Lang::Vi => format!(
            "Không có mã phiếu, ngày giờ, biên nhận, quầy, thông tin người trả lời, ý kiến; thứ tự đã xáo trộn. {stay} cơ quan không có trong tệp vì có số liệu bị ẩn hoặc tầng dưới 5 phiếu; danh sách ở tệp thứ ba."
        ),
        Lang::En => format!(
            "No id, time, receipt, desk, facts of the respondent or comment; the order is shuffled. {stay} agencies stay, for figures of theirs are hidden or a stratum has fewer than 5; the third file lists them."
        ),
    };
    let link = |file: &str, words: &'static str| {
        view! {
            <li>
                <a href=file_address(chosen, file, lang) download="">
                    {words}
                </a>
            </li>
        }
    };
    view! {
        {what(holds.into_any(), left_out.into_any(), lang)}
        <ul class="files">
            {link("phieu.csv", say(lang, "Phiếu trả lời (CSV)", "Answers (CSV)"))}
            {link("tong-the.csv", say(lang, "Số hồ sơ N của từng tầng (CSV)", "Dossiers N of each stratum (CSV)"))}
            {link("giu-lai.csv", say(lang, "Cơ quan không có trong tệp, và lý do (CSV)", "Agencies that stay, and why (CSV)"))}
        </ul>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVIL: &str = "\"><script>x</script>";

    fn page(answers: Answers, sees_all: bool) -> ExportPage {
        let chosen = Chosen {
            code: EVIL.into(),
            name: EVIL.into(),
            stream: Stream::Sample,
            streams: vec![Stream::Sample, Stream::Open],
            agencies: 114,
            sees_all,
            tables: vec![("xep-hang", "Xếp hạng")],
            answers,
        };
        ExportPage { lang: Lang::Vi, rounds: vec![(EVIL.into(), EVIL.into())], chosen: Some(chosen) }
    }

    #[test]
    fn every_state_has_its_words_and_no_name_is_markup() {
        let some = Answers::Some { responses: 11_902, agencies: 98, kept: 16 };
        for (answers, sees_all, words) in [
            (some, true, "11.902 phiếu hợp lệ của 98 cơ quan"),
            (some, false, "Số chung của thành phố và của cấp không có"),
            (Answers::StillOpen, true, "đợt còn nhận phiếu"),
            (Answers::Unpublished, true, "đợt chưa được công bố"),
            (Answers::Nothing, true, "chưa có phiếu hợp lệ"),
        ] {
            let html = export_view(&page(answers, sees_all)).to_html();
            assert!(html.contains(words) && !html.contains("<script>x"), "{html}");
            assert_eq!(html.contains("phieu.csv"), matches!(answers, Answers::Some { .. }), "{html}");
        }
        let empty = export_view(&ExportPage { lang: Lang::En, rounds: vec![], chosen: None }).to_html();
        assert!(empty.contains("There is no round yet"), "{empty}");
    }
}
