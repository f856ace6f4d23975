//! `/quan-tri`: pages of staff. A handler names what it needs by the type of its argument, [`Staff`] with a
//! capability, and is not called for anybody else.

pub mod guard;

mod account;
mod closed;
mod comments;
mod cookies;
mod export;
mod frames;
mod kept;
mod log;
mod method_tools;
mod paper;
mod people;
mod publication;
mod quality;
mod quality_callbacks;
mod quality_kiosks;
mod rounds;
mod sample_list;
mod samples;
mod sign_in;
mod steps;
mod summary;
mod teams;
mod teams_file;
mod teams_print;
mod throttle;
mod workspace;

use std::sync::Arc;

use app::domain::limits;
use app::pages::staff::frame::first_page;
use app::server_side::password::Hasher;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Extension, RawQuery, State};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};

pub use guard::{Head, Staff, missing, page};

use crate::state::AppState;
use app::domain::role::OwnAccount;

/// What the handlers of sign-in share.
#[derive(Debug, Default)]
struct Tools {
    hasher: Hasher,
    throttle: throttle::Throttle,
}

/// The addresses of staff.
pub(super) fn routes(state: &AppState, results: Arc<super::results::Tools>) -> Router<AppState> {
    // Pages of figures, made once for whoever looks at them.
    let figures = Router::new()
        .route("/quan-tri", get(home))
        .route("/quan-tri/co-quan/{code}", get(workspace::agency))
        .route("/quan-tri/xep-hang", get(workspace::ranking))
        .route("/quan-tri/so-sanh", get(workspace::pair))
        .route("/quan-tri/tom-tat", get(summary::own_summary))
        .route("/quan-tri/tom-tat/{code}", get(summary::summary))
        .route("/quan-tri/tom-tat/ma", get(summary::typed))
        .route("/quan-tri/tom-tat/ma/{mark}", get(summary::kept))
        .layer(from_fn_with_state((state.clone(), kept::Kept::new()), kept::keep));
    figures
        .route("/quan-tri/dang-nhap", get(sign_in::show).post(sign_in::enter))
        .route("/quan-tri/dang-nhap/ma", get(steps::show_code).post(steps::give_code))
        .route("/quan-tri/dang-nhap/thiet-lap", get(steps::show_enrolment).post(steps::enrol))
        .route("/quan-tri/mat-khau", get(account::show_password).post(account::change_password))
        .route("/quan-tri/dang-xuat", post(account::sign_out))
        .route("/quan-tri/tai-khoan", get(account::show))
        .route("/quan-tri/tai-khoan/dang-xuat", post(account::end_one))
        .route("/quan-tri/tai-khoan/dang-xuat-het", post(account::end_all))
        .route("/quan-tri/nguoi-dung", get(people::list).post(people::add))
        .route("/quan-tri/nguoi-dung/{id}/{what}", post(people::change))
        .route("/quan-tri/cong-bo", get(publication::show))
        .route("/quan-tri/cong-bo/{round}/{act}", get(publication::confirm).post(publication::act))
        .route("/quan-tri/phieu-giay.js", get(paper::script))
        .route("/quan-tri/phieu-giay", get(paper::list).post(paper::make))
        .route("/quan-tri/phieu-giay/{batch}", get(paper::entry).post(paper::key))
        .route("/quan-tri/phieu-giay/{batch}/dong", post(paper::close))
        .route("/quan-tri/phieu-giay/{batch}/in", get(paper::print))
        .route("/quan-tri/phieu-giay/{batch}/ma/{code}", get(paper::check))
        .route("/quan-tri/phieu-giay/{batch}/doi-chieu", get(paper::batch))
        .route("/quan-tri/phieu-giay/{batch}/doi-chieu/{code}", get(paper::show).post(paper::settle))
        .route(
            "/quan-tri/khung",
            get(frames::show).post(frames::upload).layer(DefaultBodyLimit::max(frames::BODY_BYTES)),
        )
        .route("/quan-tri/khung/{id}", post(frames::columns))
        .route("/quan-tri/mau", get(samples::show).post(samples::draw_all))
        .route("/quan-tri/mau/n", post(samples::populations))
        .route("/quan-tri/mau/xoa", post(samples::purge))
        .route("/quan-tri/mau/khung/{id}", get(samples::one).post(samples::draw_one))
        .route("/quan-tri/mau/danh-sach/{id}", get(sample_list::show))
        .route("/quan-tri/mau/danh-sach/{id}/huy", post(sample_list::void))
        .route("/quan-tri/dot", get(rounds::list).post(rounds::make))
        .route("/quan-tri/dot/{code}", get(rounds::show))
        .route("/quan-tri/dot/{code}/bang", get(rounds::posters))
        .route(
            "/quan-tri/dot/{code}/danh-sach",
            post(rounds::import).layer(DefaultBodyLimit::max(limits::ROUND_FILE_BYTES + 4096)),
        )
        .route("/quan-tri/dot/{code}/{what}", post(rounds::change))
        .route("/quan-tri/phuong-phap", get(method_tools::show))
        .route("/quan-tri/doi", get(teams::list).post(teams::add))
        .route("/quan-tri/doi/the-tra-loi", get(teams_print::card))
        .route("/quan-tri/doi/{id}", get(teams::show))
        .route("/quan-tri/doi/{id}/{what}", post(teams::change))
        .route("/quan-tri/doi/{id}/tep", post(teams_file::upload).layer(DefaultBodyLimit::max(teams_file::BODY_BYTES)))
        .route("/quan-tri/doi/{id}/tep-nhan", post(teams_file::accept))
        .route("/quan-tri/doi/{id}/in/{what}", get(teams_print::show))
        .route("/quan-tri/chat-luong", get(quality::list))
        .route("/quan-tri/chat-luong/{code}", get(quality::show))
        .route("/quan-tri/chat-luong/{code}/phieu", get(quality::interviews))
        .route("/quan-tri/chat-luong/{code}/goi-lai", get(quality_callbacks::show))
        .route("/quan-tri/chat-luong/{code}/may", get(quality_kiosks::show))
        .route("/quan-tri/chat-luong/{code}/{what}", post(quality::change))
        .route("/quan-tri/nhat-ky", get(log::show))
        .route("/quan-tri/nhat-ky.csv", get(log::file))
        .route("/quan-tri/y-kien", get(comments::list))
        .route("/quan-tri/y-kien/{id}", get(comments::show).post(comments::change))
        .route("/quan-tri/y-kien/{id}/nguyen-van", post(comments::original))
        .route("/quan-tri/xuat", get(export::show))
        .route("/quan-tri/xuat/bao-cao", get(export::report))
        .route("/quan-tri/xuat/{file}", get(export::file))
        .layer(Extension(Arc::new(frames::Intake::default())))
        .layer(Extension(Arc::new(teams_file::Files::default())))
        .layer(Extension(export::Exports::new(Arc::clone(&results))))
        .layer(Extension(Arc::new(Tools::default())))
        .layer(Extension(Arc::new(workspace::Tables::default())))
        .layer(Extension(results))
}

/// `/quan-tri`: the overview; for who has none, the first page that one may see.
async fn home(
    staff: Staff<OwnAccount>,
    state: State<AppState>,
    results: Extension<Arc<super::results::Tools>>,
    query: RawQuery,
) -> Response {
    match staff.actor.may() {
        Some(may) => {
            let Staff { actor, lang, .. } = staff;
            workspace::overview(Staff { actor, may, lang }, state, results, query).await
        }
        None => guard::go(&app::pages::staff::in_lang(first_page(&staff.actor), staff.lang)),
    }
}
