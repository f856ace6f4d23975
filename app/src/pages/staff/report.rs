//! The yearly report as a page that prints on A4, in the layout of Nghị định 30/2020/NĐ-CP: what the DOCX says, for who
//! wants to read or print it at once.

use leptos::prelude::*;

use super::export::{Chosen, EXPORT_PATH, file_address};
use crate::components::number::say;
use crate::components::tables::Scroll;
use crate::domain::text::Lang;
use crate::server_side::export::picture::{HEIGHT, Ink, Mark, WIDTH, marks};
use crate::server_side::export::report::{Bar, Cell, Office, Part, Report, Table};

/// The last part of its address.
pub const REPORT_FILE: &str = "bao-cao";

/// The title.
pub fn report_title(lang: Lang) -> &'static str {
    say(lang, "Báo cáo năm", "Yearly report")
}

/// The page. The report is in the language of the administration; what stands around it is in the reader's.
pub fn report_view(report: &Report, chosen: &Chosen, lang: Lang) -> AnyView {
    view! {
        <div class="report-tools">
            <p>
                <a href=chosen.query(lang).href(EXPORT_PATH)>{say(lang, "Xuất dữ liệu", "Exports")}</a>
                " · "
                <a href=file_address(chosen, "bao-cao.docx", lang) download="">
                    {say(lang, "Tải báo cáo (DOCX) để sửa", "The report to edit (DOCX)")}
                </a>
            </p>
            <p class="secondary">
                {say(
                    lang,
                    "Trang này in ra đúng khổ A4 theo Nghị định 30/2020/NĐ-CP (lệnh In của trình duyệt, Ctrl+P). Số, ngày và chữ ký để trống cho cơ quan ghi.",
                    "Prints on A4 in the layout of Nghị định 30/2020/NĐ-CP, in Vietnamese (Ctrl+P). Number, date and signature are left to the office.",
                )}
            </p>
        </div>
        <article class="report" lang="vi">
            {report.mark.clone().map(|mark| view! { <p class="report__mark">{mark}</p> })}
            {office_head(&report.office, "BC")}
            <h1>
                "Báo cáo"
                <span class="report__title">{report.title.clone()}</span>
            </h1>
            {report.parts.iter().map(|part| shown(report, part)).collect_view()}
            {foot(report)}
        </article>
    }
    .into_any()
}

/// The head of a document of an office, as Nghị định 30/2020/NĐ-CP sets it; number and date are written by hand.
pub(crate) fn office_head(office: &Office, kind: &str) -> AnyView {
    view! {
        <div class="report__head">
            <div>
                <p>{office.above.clone()}</p>
                <p class="report__name">{office.name.clone()}</p>
                <p class="report__blank">{office.number_line(kind)}</p>
            </div>
            <div>
                <p class="report__nation">"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"</p>
                <p class="report__name">"Độc lập - Tự do - Hạnh phúc"</p>
                <p class="report__blank report__date">{office.date_line()}</p>
            </div>
        </div>
    }
    .into_any()
}

fn shown(report: &Report, part: &Part) -> AnyView {
    match part {
        Part::Heading(words) => view! { <h2>{words.clone()}</h2> }.into_any(),
        Part::Subheading(words) => view! { <h3>{words.clone()}</h3> }.into_any(),
        Part::Text(words) => view! { <p class="report__text">{words.clone()}</p> }.into_any(),
        Part::Legend(words) => view! { <p class="report__legend">{words.clone()}</p> }.into_any(),
        Part::Table(table) => drawn(report, table),
    }
}

fn drawn(report: &Report, table: &Table) -> AnyView {
    let label: Vec<&str> = table.columns.iter().take(2).map(|(name, _)| name.as_str()).collect();
    let heads = table.columns.iter().map(|(name, _)| view! { <th scope="col">{name.clone()}</th> }).collect_view();
    let row = |cells: &Vec<Cell>| {
        let cells = cells.iter().enumerate().map(|(at, cell)| one(report, cell, at == name_at(table))).collect_view();
        view! { <tr>{cells}</tr> }
    };
    let rows = table.rows.iter().map(row).collect_view();
    view! {
        <Scroll label=label.join(", ")>
            <table class="report__table">
                <thead>
                    <tr>{heads}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Scroll>
    }
    .into_any()
}

/// Which column names a row: the first that has words of its own; a place comes before the name of who has it.
fn name_at(table: &Table) -> usize {
    table.columns.iter().position(|(name, _)| name != "Hạng").unwrap_or(0)
}

fn one(report: &Report, cell: &Cell, names: bool) -> AnyView {
    match cell {
        Cell::Words(words) | Cell::Strong(words) if names => {
            let class = if matches!(cell, Cell::Strong(_)) { "report__strong" } else { "" };
            view! {
                <th scope="row" class=class>
                    {words.clone()}
                </th>
            }
            .into_any()
        }
        Cell::Words(words) | Cell::Strong(words) => view! { <td>{words.clone()}</td> }.into_any(),
        Cell::Number(words) => view! { <td class="num">{words.clone()}</td> }.into_any(),
        Cell::Bar(bar) => view! { <td class="report__bar">{picture(report, bar)}</td> }.into_any(),
    }
}

/// The bar of the DOCX, as lines.
fn picture(report: &Report, bar: &Bar) -> AnyView {
    let mark = |Mark { ink, from, to }: Mark| {
        let class = match ink {
            Ink::Track => "report-ink report-ink--track",
            Ink::Band => "report-ink report-ink--band",
            Ink::Figure => "report-ink report-ink--figure",
            Ink::Target => "report-ink report-ink--target",
        };
        view! { <rect class=class x=from.0 y=from.1 width=to.0 - from.0 height=to.1 - from.1></rect> }
    };
    let marks = marks(&bar.figure, bar.n, report.axis_from, report.target).into_iter().map(mark).collect_view();
    view! {
        <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=bar.words.clone()>
            {marks}
        </svg>
    }
    .into_any()
}

fn foot(report: &Report) -> AnyView {
    view! {
        <div class="report__foot">
            <div>
                <p class="report__recipients">"Nơi nhận:"</p>
                {report.recipients.iter().map(|line| view! { <p>{line.clone()}</p> }).collect_view()}
            </div>
            <p class="report__signer">{report.office.signer.clone()}</p>
        </div>
    }
    .into_any()
}
