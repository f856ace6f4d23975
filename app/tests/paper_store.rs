//! Paper forms on both databases: two people at one form, and a form that is handed over twice.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/signed_in.rs"]
mod signed_in;

use app::domain::paper::{Again, CODE_TAIL, FormCode, Keyed, Pass, Shape};
use app::domain::response::{Marks, Standing, Stream};
use app::domain::role::Role;
use app::domain::text::Lang;
use app::server_side::catalogue::Catalogue;
use app::server_side::city::City;
use app::server_side::clock::Clock;
use app::server_side::desk_codes::DeskCodes;
use app::server_side::guard::Actor;
use app::server_side::simulate::city_of_2018;
use app::store::{KeyDone, KeyFault, KeyedForm, NewBatch, NewRound, PaperFault, Store, Unfinished};
use sea_orm::ConnectionTrait as _;
use signed_in::signed_in;
use testkit::{Folder, Postgres};

/// 2018-11-12 10:30 UTC, and its local day.
const NOW: i64 = 1_542_018_600_000;
const TODAY: i32 = 17_847;

struct Place {
    store: Store,
    url: String,
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
        // Somebody else: the helper names accounts by role and agency. Whose agency is measured is asked before the store.
        let an = signed_in(&store, Role::DataEntry, Some(made.strata[0].agency)).await;
        places.push(Place { store, url, lead, hoa, an, new, _folder: folder });
    }
    places
}

impl Place {
    async fn key(&self, who: &Actor, form: usize, pass: Pass, keyed: &Keyed) -> Result<KeyDone, KeyFault> {
        let may = who.may().expect("a clerk keys");
        let form = KeyedForm { code: &self.new.codes[form], pass, keyed, correct: false };
        self.store.key_form(&may, (who.id, &who.login), 1, form).await.expect("asked")
    }

    /// The same, in the place of what was keyed before.
    async fn correct(&self, who: &Actor, form: usize, pass: Pass, keyed: &Keyed) -> Result<KeyDone, KeyFault> {
        let may = who.may().expect("a clerk keys");
        let form = KeyedForm { code: &self.new.codes[form], pass, keyed, correct: true };
        self.store.key_form(&may, (who.id, &who.login), 1, form).await.expect("asked")
    }

    /// Both passes of a form, alike.
    async fn key_twice(&self, form: usize, keyed: &Keyed) {
        assert!(self.key(&self.hoa, form, Pass::First, keyed).await.is_ok());
        assert!(self.key(&self.an, form, Pass::Second, keyed).await.is_ok());
    }

    /// What the sampling would leave: a list of so many people of the batch's agency.
    async fn draw(&self, people: u32) {
        let (round, agency) = (self.new.round.0, self.new.agency.0);
        let stratum = self.store.round(self.new.round).await.expect("read").expect("a round");
        let stratum = stratum.stratum(self.new.agency, self.new.field).0;
        let sqlite = self.store.backend() == sea_orm::DbBackend::Sqlite;
        let bytes = |hex: &str| if sqlite { format!("x'{hex}'") } else { format!("'\\x{hex}'") };
        let mut sql = format!(
            "INSERT INTO frame (id, round_id, agency_id, file_name, sha256, lines, dossiers, people, bad_lines, mapping, \
             uploaded_by, uploaded_at, standing) VALUES (1, {round}, {agency}, 'f', {0}, 1, 1, 1, 0, '{{}}', 'x', 0, 2); \
             INSERT INTO sample_list (id, round_id, agency_id, frame_id, rule, seed, frame_hash, drawn_by, drawn_at, \
             program) VALUES (1, {round}, {agency}, 1, 1, '00', {0}, 'x', 0, '0'); ",
            bytes("00")
        );
        for n in 1..=people {
            let id = uuid::Uuid::from_u128(n.into());
            let id = if sqlite { bytes(&id.simple().to_string()) } else { format!("'{id}'") };
            sql += &format!(
                "INSERT INTO sample_unit (id, list_id, round_id, agency_id, stratum_id, party, number, pos, reserve, \
                 attempts) VALUES ({id}, 1, {round}, {agency}, {stratum}, 1, {n}, {n}, false, 0); "
            );
        }
        let db = sea_orm::Database::connect(&self.url).await.expect("connects");
        db.execute_unprepared(&sql).await.expect("runs");
        db.close().await.expect("closes");
    }

    /// What a query says, a line a row, of whole numbers.
    async fn rows(&self, sql: &str, columns: usize) -> Vec<Vec<Option<i64>>> {
        let statement = sea_orm::Statement::from_string(self.store.backend(), sql);
        let rows = self.store.reader().query_all_raw(statement).await.expect("read");
        rows.iter().map(|row| (0..columns).map(|at| row.try_get_by_index(at).expect("a number")).collect()).collect()
    }

    /// A form with every question answered.
    async fn whole(&self, unit: Option<u32>) -> Keyed {
        let round = self.store.round(self.new.round).await.expect("read").expect("a round");
        let parts = app::domain::paper::layout(&round.questionnaire, self.new.stream);
        let items = parts.iter().flat_map(|part| &part.items).filter(|item| item.shape == Shape::Scale);
        let values = items.map(|item| (item.code.clone(), "4".to_owned())).collect();
        Keyed { values, comment: None, collected_day: TODAY, unit }
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
        let admin = signed_in(&place.store, Role::Admin, None).await.may().expect("an administrator publishes");
        let left = async || place.store.unfinished(&admin, place.new.round).await.expect("read");
        assert_eq!(left().await, Unfinished { paper: 1, ..Unfinished::default() }, "a freeze would leave it out");
        let settle = async |form: usize, counts: Keyed| {
            let (who, code) = (place.lead.who(), &place.new.codes[form]);
            place.store.settle_form(&lead, &who, 1, code, &counts).await.expect("asked")
        };
        assert_eq!(settle(0, keyed("4")).await, Err(PaperFault::Nothing), "agreed");
        assert_eq!(settle(2, keyed("4")).await, Err(PaperFault::Nothing), "not keyed");
        assert_eq!(settle(1, keyed("2")).await, Ok(()));
        assert_eq!(settle(1, keyed("3")).await, Err(PaperFault::Nothing), "settled once");
        assert_eq!(place.responses().await, 2);
        assert_eq!(left().await, Unfinished::default());

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

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_names_a_drawn_person_is_theirs_and_a_second_one_is_kept_and_marked() {
    for place in places("paper_store_unit").await {
        let lead = place.lead.may().expect("a supervisor makes batches");
        place.store.make_paper_batch(&lead, &place.lead.who(), &place.new).await.expect("asked").expect("made");
        let early = place.key(&place.hoa, 0, Pass::First, &place.whole(Some(1)).await).await;
        assert_eq!(early, Err(KeyFault::NoUnit), "nobody was drawn yet");
        place.draw(2).await;
        assert_eq!(place.key(&place.hoa, 0, Pass::First, &place.whole(Some(3)).await).await, Err(KeyFault::NoUnit));

        place.key_twice(0, &place.whole(Some(2)).await).await;
        place.key_twice(1, &place.whole(Some(2)).await).await;
        place.key_twice(2, &place.whole(None).await).await;
        assert_eq!(place.responses().await, 3, "nothing is lost");
        let stood = place.rows("SELECT CAST(standing AS BIGINT), CAST(marks AS BIGINT) FROM response", 2).await;
        let with = |standing: Standing, marks: Marks| vec![Some(standing.code().into()), Some(marks.0.into())];
        for (what, expected) in [
            ("the first of the unit", with(Standing::Valid, Marks::default())),
            ("the second", with(Standing::Suspect, Marks::SECOND_OF_UNIT)),
            ("of whom nobody knows that they were drawn", with(Standing::Incomplete, Marks::default())),
        ] {
            assert_eq!(stood.iter().filter(|row| **row == expected).count(), 1, "{what}: {stood:?}");
        }
        let units = "SELECT CAST(number AS BIGINT), CAST(outcome AS BIGINT), CAST(attempts AS BIGINT), closed_at \
                     FROM sample_unit ORDER BY number";
        let midday = i64::from(TODAY) * 86_400_000 + 5 * 3_600_000;
        let expected = [vec![Some(1), None, Some(0), None], vec![Some(2), Some(1), Some(1), Some(midday)]];
        assert_eq!(place.rows(units, 4).await, expected);
        let linked =
            "SELECT (SELECT CAST(COUNT(*) AS BIGINT) FROM sample_link), CAST(COUNT(unit) AS BIGINT) FROM paper_pass";
        assert_eq!(place.rows(linked, 2).await, [[Some(1), Some(0)]], "whose it is stands with the links alone");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_waiting_form_names_is_erased_with_the_links_of_its_round() {
    for place in places("paper_store_purge").await {
        let lead = place.lead.may().expect("a supervisor makes batches");
        place.store.make_paper_batch(&lead, &place.lead.who(), &place.new).await.expect("asked").expect("made");
        place.draw(1).await;
        let named = place.whole(Some(1)).await;
        place.key(&place.hoa, 0, Pass::First, &named).await.expect("kept");
        let known = "SELECT CAST(COUNT(unit) AS BIGINT) FROM paper_pass";
        assert_eq!(place.rows(known, 1).await, [[Some(1)]]);
        assert!(place.store.purge_contacts(&place.lead.who(), place.new.round).await.expect("erased"));
        assert_eq!(place.rows(known, 1).await, [[Some(0)]]);
        place.key(&place.an, 0, Pass::Second, &named).await.expect("kept");
        assert_eq!(place.rows("SELECT CAST(COUNT(*) AS BIGINT) FROM sample_link", 1).await, [[Some(0)]]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clerk_corrects_the_own_first_pass_until_it_was_keyed_again() {
    for place in places("paper_store_correct").await {
        let lead = place.lead.may().expect("a supervisor makes batches");
        place.store.make_paper_batch(&lead, &place.lead.who(), &place.new).await.expect("asked").expect("made");
        let by_hoa = || Err(KeyFault::Keyed(place.hoa.login.clone(), NOW));
        place.key(&place.hoa, 0, Pass::First, &keyed("4")).await.expect("kept");
        assert_eq!(place.key(&place.hoa, 0, Pass::First, &keyed("5")).await, by_hoa(), "not by the way");
        assert_eq!(place.correct(&place.an, 0, Pass::First, &keyed("5")).await, by_hoa(), "not by somebody else");
        assert_eq!(place.correct(&place.hoa, 0, Pass::First, &keyed("5")).await, Ok(KeyDone::Corrected(1)));
        assert_eq!(place.correct(&place.hoa, 0, Pass::First, &keyed("5")).await, Ok(KeyDone::Duplicate(1)));
        let may = place.hoa.may().expect("a clerk keys");
        let shown = place.store.correctable_form(&may, place.hoa.id, 1, &place.new.codes[0]).await.expect("read");
        assert_eq!(shown, Ok((1, keyed("5"))));
        assert_eq!(place.responses().await, 0);

        place.key(&place.an, 0, Pass::Second, &keyed("1")).await.expect("kept");
        assert_eq!(place.correct(&place.hoa, 0, Pass::First, &keyed("1")).await, Err(KeyFault::Final));
        let second = place.correct(&place.an, 0, Pass::Second, &keyed("5")).await;
        assert_eq!(second, Err(KeyFault::Keyed(place.an.login.clone(), NOW)), "it would tell whether they differ");
        let form = place.store.paper_forms(&lead, 1).await.expect("read").remove(0);
        assert!(form.differs());
        assert_eq!(form.first.map(|first| (first.keyed, first.corrections)), Some((keyed("5"), 1)));
        let log = place.rows(
            "SELECT CAST(COUNT(*) AS BIGINT) FROM staff_log WHERE act = 'paper-corrected' AND detail = 'sửa: 1.1'",
            1,
        );
        assert_eq!(log.await, [[Some(1)]]);
        let kept = "SELECT CAST(COUNT(*) AS BIGINT) FROM paper_pass WHERE former LIKE '%\"1.1\":\"4\"%'";
        assert_eq!(place.rows(kept, 1).await, [[Some(1)]], "what stood there first is kept");
    }
}
