//! Paper forms on both databases: two people at one form, and a form that is handed over twice.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/signed_in.rs"]
mod signed_in;

use app::domain::paper::{Again, CODE_TAIL, FormCode, Keyed, Pass};
use app::domain::response::Stream;
use app::domain::role::Role;
use app::domain::text::Lang;
use app::server_side::catalogue::Catalogue;
use app::server_side::city::City;
use app::server_side::clock::Clock;
use app::server_side::desk_codes::DeskCodes;
use app::server_side::guard::Actor;
use app::server_side::simulate::city_of_2018;
use app::store::{KeyDone, KeyFault, KeyedForm, NewBatch, NewRound, PaperFault, Store};
use signed_in::signed_in;
use testkit::{Folder, Postgres};

/// 2018-11-12 10:30 UTC, and its local day.
const NOW: i64 = 1_542_018_600_000;
const TODAY: i32 = 17_847;

struct Place {
    store: Store,
    lead: Actor,
    hoa: Actor,
    an: Actor,
    new: NewBatch,
    _folder: Option<Folder>,
}

/// The city without responses, in one store of each kind, with a supervisor and two people who key.
async fn places(name: &str) -> Vec<Place> {
    let folder = Folder::new(name);
    let mut places = vec![];
    for (url, folder) in [(folder.sqlite_url(), Some(folder)), (Postgres::shared().database_url(name), None)] {
        let store = Store::open(&url, Clock::fixed(NOW)).await.expect("the database opens");
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
        let mut codes = DeskCodes::new([3; 32], 0);
        let codes = (0..3).filter_map(|_| FormCode::with_check(&codes.next_code()[..CODE_TAIL])).collect();
        let new = NewBatch {
            round: made.round.id,
            agency: made.strata[0].agency,
            field: made.strata[0].field,
            stream: Stream::Sample,
            lang: Lang::Vi,
            again: Again::All,
            seed: 7,
            codes,
        };
        let lead = signed_in(&store, Role::Supervisor, None).await;
        let hoa = signed_in(&store, Role::DataEntry, None).await;
        // Somebody else: the helper names accounts by role and agency, and this agency is not measured.
        let city_hall = city.agencies().iter().find(|agency| agency.code == "can-tho").map(|agency| agency.id);
        let an = signed_in(&store, Role::DataEntry, city_hall).await;
        places.push(Place { store, lead, hoa, an, new, _folder: folder });
    }
    places
}

impl Place {
    async fn key(&self, who: &Actor, form: usize, pass: Pass, keyed: &Keyed) -> Result<KeyDone, KeyFault> {
        let may = who.may().expect("a clerk keys");
        let form = KeyedForm { code: &self.new.codes[form], pass, keyed, correct: false };
        self.store.key_form(&may, (who.id, &who.login), 1, form).await.expect("asked")
    }

    /// How many responses there are; their tallies are those that a recount finds.
    async fn responses(&self) -> u64 {
        let recount = self.store.recount().await.expect("recounted");
        assert_eq!(recount.n_differences(), 0);
        recount.responses
    }
}

fn keyed(first: &str) -> Keyed {
    let values = (1..=4).map(|n| (format!("1.{n}"), "4".to_owned()));
    let mut keyed =
        Keyed { values: values.collect(), comment: Some("Tốt".to_owned()), collected_day: TODAY, unit: None };
    keyed.values.insert("1.1".to_owned(), first.to_owned());
    keyed
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_two_people_key_is_one_response_once_they_agree_or_it_is_settled() {
    for place in places("paper_store_settled").await {
        let lead = place.lead.may().expect("a supervisor makes batches");
        let nowhere = NewBatch { agency: app::domain::ids::AgencyId(-1), ..place.new.clone() };
        let refused = place.store.make_paper_batch(&lead, &place.lead.who(), &nowhere).await.expect("asked");
        assert_eq!(refused, Err(PaperFault::NoStratum));
        let made = place.store.make_paper_batch(&lead, &place.lead.who(), &place.new).await.expect("asked");
        assert_eq!(made, Ok(1));

        assert_eq!(place.key(&place.an, 0, Pass::Second, &keyed("4")).await, Err(KeyFault::NoFirst));
        assert_eq!(place.key(&place.hoa, 0, Pass::First, &keyed("4")).await, Ok(KeyDone::Stored(1)));
        assert_eq!(place.key(&place.hoa, 0, Pass::First, &keyed("4")).await, Ok(KeyDone::Duplicate(1)));
        let other = place.key(&place.hoa, 0, Pass::First, &keyed("5")).await;
        assert_eq!(other, Err(KeyFault::Keyed(place.hoa.login.clone(), NOW)));
        assert_eq!(place.key(&place.hoa, 0, Pass::Second, &keyed("4")).await, Err(KeyFault::Own));
        assert_eq!(place.responses().await, 0);
        assert_eq!(place.key(&place.an, 0, Pass::Second, &keyed("4")).await, Ok(KeyDone::Stored(1)));
        assert_eq!(place.responses().await, 1, "they agree");

        place.key(&place.hoa, 1, Pass::First, &keyed("1")).await.expect("kept");
        place.key(&place.an, 1, Pass::Second, &keyed("x")).await.expect("kept");
        assert_eq!(place.responses().await, 1, "they do not");
        let settle = async |form: usize, counts: Keyed| {
            let (who, code) = (place.lead.who(), &place.new.codes[form]);
            place.store.settle_form(&lead, &who, 1, code, &counts).await.expect("asked")
        };
        assert_eq!(settle(0, keyed("4")).await, Err(PaperFault::Nothing), "agreed");
        assert_eq!(settle(2, keyed("4")).await, Err(PaperFault::Nothing), "not keyed");
        assert_eq!(settle(1, keyed("2")).await, Ok(()));
        assert_eq!(settle(1, keyed("3")).await, Err(PaperFault::Nothing), "settled once");
        assert_eq!(place.responses().await, 2);

        let forms = place.store.paper_forms(&lead, 1).await.expect("read");
        assert!(forms[..2].iter().all(|form| form.responded));
        let kept = forms.iter().flat_map(|form| [&form.first, &form.second]).flatten().map(|pass| &pass.keyed);
        assert!(kept.chain(forms.iter().filter_map(|form| form.settled.as_ref())).all(|keyed| keyed.comment.is_none()));
        assert_eq!(place.key(&place.an, 0, Pass::Second, &keyed("4")).await, Ok(KeyDone::Duplicate(1)));
        assert_eq!(place.responses().await, 2, "a reply that was lost counts nothing again");

        let see = place.lead.may().expect("a supervisor sees batches");
        let progress = place.store.paper_batches(&see).await.expect("read")[0].progress;
        assert_eq!(
            (progress.forms, progress.first, progress.again, progress.differ, progress.settled),
            (3, 2, 0, 0, 2)
        );
        let may = place.hoa.may().expect("a clerk keys");
        let open = place.store.paper_open(&may, 1, Pass::First, place.hoa.id).await.expect("read");
        assert_eq!(open, [(place.new.codes[2].clone(), 3)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_key_one_form_at_the_same_moment_one_is_told() {
    for place in places("paper_store_race").await {
        let lead = place.lead.may().expect("a supervisor makes batches");
        let once = NewBatch { again: Again::Tenth, ..place.new.clone() };
        place.store.make_paper_batch(&lead, &place.lead.who(), &once).await.expect("asked").expect("made");
        for form in 0..3 {
            let (left, right) = (keyed("4"), keyed("5"));
            let both = tokio::join!(
                place.key(&place.hoa, form, Pass::First, &left),
                place.key(&place.an, form, Pass::First, &right)
            );
            let kept = [&both.0, &both.1].into_iter().filter(|result| result.is_ok()).count();
            assert_eq!(kept, 1, "{both:?}");
        }
        assert_eq!(place.responses().await, 0, "the batch is not closed");
        let may = place.hoa.may().expect("a clerk closes");
        assert_eq!(place.store.close_batch(&may, &place.hoa.who(), 1).await.expect("asked"), 2);
        assert_eq!(place.responses().await, 2, "one of the three is drawn to be keyed again");
        assert_eq!(place.store.close_batch(&may, &place.hoa.who(), 1).await.expect("asked"), 0);
    }
}
