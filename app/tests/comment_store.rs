//! Comments on both databases: refusals first.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/signed_in.rs"]
mod signed_in;

use app::domain::agency::Agency;
use app::domain::answer::{Answer, Score, Sheet};
use app::domain::comment::{Progress, Sensitive, Theme};
use app::domain::response::{Marks, Mode, NewResponse, Phase, Standing, Stream};
use app::domain::role::{ReadComments, Role};
use app::domain::staff_log::Who;
use app::domain::text::Lang;
use app::server_side::catalogue::Catalogue;
use app::server_side::city::City;
use app::server_side::clock::Clock;
use app::server_side::comments::release_due;
use app::server_side::keys::Keys;
use app::server_side::simulate::{SimulatedCity, city_of_2018};
use app::store::{Asked, Change, CommentRow, NewRound, Store};
use signed_in::signed_in;
use testkit::{Folder, Postgres};
use uuid::Uuid;

/// 2018-11-12 10:30 UTC, a Monday.
const NOW: i64 = 1_542_018_600_000;
const DAY: i64 = 86_400_000;

struct Place {
    store: Store,
    clock: Clock,
    city: SimulatedCity,
    keys: Keys,
    next: u128,
    _folder: Option<Folder>,
}

/// The city without responses, in one store of each kind.
async fn places(name: &str) -> Vec<Place> {
    let folder = Folder::new(name);
    let mut places = vec![];
    for (url, folder) in [(folder.sqlite_url(), Some(folder)), (Postgres::shared().database_url(name), None)] {
        let clock = Clock::fixed(NOW);
        let store = Store::open(&url, clock.clone()).await.expect("the database opens");
        store.migrate().await.expect("the schema comes up");
        let (catalogue, city) = (Catalogue::builtin().expect("built in"), City::load().expect("built in"));
        let questionnaire = catalogue.questionnaire("hanh-chinh-2018", None).expect("built in");
        let method = catalogue.method(&questionnaire.method, None).expect("built in");
        let made = city_of_2018(7, 0, [9; 32], &city, &questionnaire, &method);
        store.save_agencies(city.agencies()).await.expect("agencies");
        let round = NewRound {
            round: &made.round,
            questionnaire: &questionnaire,
            method: &method,
            strata: &made.strata,
            desks: &made.desks,
        };
        store.save_round(&round).await.expect("a round");
        store.start();
        places.push(Place { store, clock, city: made, keys: Keys::from_bytes([7; 32]), next: 1, _folder: folder });
    }
    places
}

impl Place {
    async fn named(&self, name: &str) -> Agency {
        let agencies = self.store.agencies().await.expect("agencies");
        agencies.values().find(|agency| agency.name == name && agency.exists_on(17_847)).expect(name).clone()
    }

    /// Somebody says this of an agency, now.
    async fn say(&mut self, agency: &str, standing: Standing, comment: &str) {
        let agency = self.named(agency).await;
        let stratum = self.city.strata.iter().find(|stratum| stratum.agency == agency.id).expect("a stratum");
        let rounds = self.store.rounds().await.expect("rounds");
        let mut sheet = Sheet::blank(&rounds[0].questionnaire);
        sheet.answers.fill(Answer::Score(Score::new(4).expect("a score")));
        let now = self.clock.now_ms();
        let response = NewResponse {
            id: Uuid::from_u128(self.next),
            round: rounds[0].round.id,
            agency: agency.id,
            desk: None,
            device: None,
            stratum: stratum.id,
            field: stratum.field,
            stream: Stream::Open,
            standing,
            mode: Mode::Qr,
            lang: Lang::Vi,
            marks: Marks::default(),
            phase: Phase::Form,
            sheet,
            comment: Some(comment.to_owned()),
            started_at: Some(now - 60_000),
            finished_at: Some(now),
            local_day: app::domain::response::local_day(now),
            received_at: now,
        };
        self.next += 1;
        self.store.submit_many(vec![response]).await.expect("stored");
    }

    async fn may(&self, role: Role, agency: Option<&str>) -> (ReadComments, Who) {
        let agency = match agency {
            Some(name) => Some(self.named(name).await.id),
            None => None,
        };
        let actor = signed_in(&self.store, role, agency).await;
        (actor.may().expect("the role reads comments"), actor.who())
    }

    async fn release(&self, may: &ReadComments) {
        release_due(&self.store, &self.keys, may).await.expect("released");
    }

    async fn read(&self, may: &ReadComments) -> Vec<CommentRow> {
        self.store.comments(may, &Asked::default(), 100).await.expect("read").comments
    }

    fn next_day(&self) {
        self.clock.set(self.clock.now_ms() + DAY);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_reads_nothing_of_another_agency_and_nothing_sensitive() {
    for mut place in places("comments-scope").await {
        for n in 0..5 {
            place.say("Quận Ninh Kiều", Standing::Valid, &format!("Ninh Kiều, ý kiến {n}")).await;
            place.say("Quận Cái Răng", Standing::Valid, &format!("Cái Răng, ý kiến {n}")).await;
        }
        place.say("Quận Ninh Kiều", Standing::Valid, "Cán bộ đòi tiền mới làm").await;
        place.next_day();
        let (lan, who) = place.may(Role::AgencyOfficer, Some("Quận Ninh Kiều")).await;
        let (admin, _) = place.may(Role::Admin, None).await;
        let (inspector, _) = place.may(Role::AgencyOfficer, Some("Thanh tra thành phố")).await;
        place.release(&lan).await;
        let own = place.read(&lan).await;
        assert_eq!(own.len(), 5);
        assert!(own.iter().all(|row| row.body.starts_with("Ninh Kiều")), "{own:?}");
        let all = place.read(&admin).await;
        assert_eq!(all.len(), 11);
        let sensitive: Vec<_> = all.iter().filter(|row| row.sensitive == Some(Sensitive::Corruption)).collect();
        assert_eq!(sensitive.len(), 1);
        assert_eq!(place.read(&inspector).await, [sensitive[0].clone()]);
        // One by one, changed or asked for by name: it is the same as nothing.
        let change = Change {
            theme: Some(Theme::Other),
            assigned: String::new(),
            progress: Progress::Resolved,
            sentence: "Xong.".into(),
        };
        for row in all.iter().filter(|row| !own.contains(row)) {
            assert_eq!(place.store.comment(&lan, row.id).await.expect("read"), None);
            assert!(!place.store.change_comment(&lan, &who, row.id, &change).await.expect("asked"));
            assert_eq!(place.store.original_comment(&lan, &who, row.id).await.expect("asked"), None);
        }
        assert_eq!(
            place.store.original_comment(&lan, &who, own[0].id).await.expect("asked"),
            None,
            "not her own either"
        );
        assert_eq!(place.read(&admin).await, all, "nothing was changed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn four_wait_and_the_fifth_is_read_the_next_day_with_no_trace_of_order() {
    for mut place in places("comments-batch").await {
        let (lan, _) = place.may(Role::AgencyOfficer, Some("Quận Ninh Kiều")).await;
        for n in 0..4 {
            place.say("Quận Ninh Kiều", Standing::Valid, &format!("ý kiến {n}")).await;
        }
        place.next_day();
        place.release(&lan).await;
        assert_eq!(place.read(&lan).await, []);
        place.say("Quận Ninh Kiều", Standing::Incomplete, "ý kiến 4, gọi 0912 345 678").await;
        place.release(&lan).await;
        assert_eq!(place.read(&lan).await, [], "not on the day it came");
        place.next_day();
        place.release(&lan).await;
        place.release(&lan).await;
        let read = place.read(&lan).await;
        assert_eq!(read.len(), 5, "each once");
        assert!(read.iter().all(|row| row.months == read[0].months && row.progress == Progress::New), "{read:?}");
        let masked: Vec<_> = read.iter().filter(|row| row.masked).collect();
        assert_eq!((masked.len(), masked[0].body.as_str()), (1, "ý kiến 4, gọi [đã che]"));
        let ids: Vec<i64> = read.iter().map(|row| row.id).collect();
        assert!(ids.is_sorted(), "in the order of a keyed number");
        // The rest of the day releases nothing: the next five come the day after.
        for n in 5..10 {
            place.say("Quận Ninh Kiều", Standing::Valid, &format!("ý kiến {n}")).await;
        }
        place.release(&lan).await;
        assert_eq!(place.read(&lan).await.len(), 5);
        place.next_day();
        place.release(&lan).await;
        assert_eq!(place.read(&lan).await.len(), 10);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_suspect_or_set_aside_is_not_read() {
    for mut place in places("comments-standing").await {
        let (lan, _) = place.may(Role::AgencyOfficer, Some("Quận Ninh Kiều")).await;
        for standing in [Standing::Suspect, Standing::Excluded, Standing::Withdrawn] {
            for n in 0..5 {
                place.say("Quận Ninh Kiều", standing, &format!("{standing:?} {n}")).await;
            }
        }
        for n in 0..5 {
            place.say("Quận Ninh Kiều", Standing::Incomplete, &format!("chưa đủ {n}")).await;
        }
        place.next_day();
        place.release(&lan).await;
        let read = place.read(&lan).await;
        assert!(read.len() == 5 && read.iter().all(|row| row.body.starts_with("chưa đủ")), "{read:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_is_labelled_assigned_and_answered_and_the_public_reads_the_sentence_alone() {
    for mut place in places("comments-change").await {
        let (lan, who) = place.may(Role::AgencyOfficer, Some("Quận Ninh Kiều")).await;
        let (admin, of_admin) = place.may(Role::Admin, None).await;
        for n in 0..5 {
            place.say("Quận Ninh Kiều", Standing::Valid, &format!("Thiếu ghế {n}, gọi 0912345678")).await;
        }
        place.say("Quận Ninh Kiều", Standing::Valid, "Bị hạch sách").await;
        place.next_day();
        place.release(&lan).await;
        let row = place.read(&lan).await.remove(0);
        let change = Change {
            theme: Some(Theme::Place),
            assigned: "Bộ phận một cửa".into(),
            progress: Progress::Resolved,
            sentence: "Đã thêm 10 ghế.".into(),
        };
        assert!(place.store.change_comment(&lan, &who, row.id, &change).await.expect("changed"));
        let now = place.store.comment(&lan, row.id).await.expect("read").expect("there");
        assert_eq!(
            (now.theme, now.assigned.as_str(), now.progress),
            (Some(Theme::Place), "Bộ phận một cửa", Progress::Resolved)
        );
        let done = Asked { progress: Some(Progress::Resolved), theme: Some(Theme::Place), ..Asked::default() };
        assert_eq!(place.store.comments(&lan, &done, 10).await.expect("read").comments, [now]);
        let first = place.store.comments(&lan, &Asked::default(), 4).await.expect("read");
        assert!(first.more && first.comments.len() == 4);
        let rest = place.store.comments(&lan, &Asked { skip: 4, ..Asked::default() }, 4).await.expect("read");
        assert!(!rest.more && rest.comments.len() == 1);

        // What is sensitive is answered too, and nobody reads that.
        let harassed = Asked { skip: 0, ..Asked::default() };
        let all = place.store.comments(&admin, &harassed, 100).await.expect("read").comments;
        let sensitive = all.iter().find(|row| row.sensitive.is_some()).expect("there");
        assert!(place.store.change_comment(&admin, &of_admin, sensitive.id, &change).await.expect("changed"));
        let kept = place.store.said().await.expect("read");
        let said = kept.of(row.round, row.agency);
        assert_eq!(said.len(), 1, "{said:?}");
        assert_eq!((said[0].sentence.as_str(), said[0].theme), ("Đã thêm 10 ghế.", Some(Theme::Place)));

        let original = place.store.original_comment(&admin, &of_admin, row.id).await.expect("asked").expect("there");
        assert!(original.contains("0912345678"), "{original}");
    }
}
