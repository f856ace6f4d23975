//! Lists, draws and the end of contact data, on both databases: refusals first.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "support/signed_in.rs"]
mod signed_in;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use app::domain::field_work::{Outcome, Party};
use app::domain::ids::{AgencyId, StratumId};
use app::domain::limits;
use app::domain::role::{DrawSample, Role};
use app::domain::round::Stratum;
use app::domain::sample::draw::Rule;
use app::domain::sample::plan::{LeftOut, Size};
use app::domain::staff_log::Who;
use app::server_side::catalogue::Catalogue;
use app::server_side::city::City;
use app::server_side::clock::Clock;
use app::server_side::contacts::{ContactKey, ContactKeys};
use app::server_side::frame::{
    FileFault, Place, Scan, Table, TakeInFault, file_of, finish, keep_file, preview, scan, sha256, table,
};
use app::server_side::sampling::{DrawFault, How, contacts_of, draw_again, draw_frame};
use app::server_side::simulate::city_of_2018;
use app::store::field::Link;
use app::store::{
    Frame, FrameFault, FrameStanding, NewFrame, NewRound, PopulationFault, SampleFault, SampleUnit, Store, StoreError,
    VoidFault,
};
use sea_orm::ConnectionTrait as _;
use testkit::{Folder, Postgres};
use uuid::Uuid;

/// 2018-11-12 10:30 UTC.
const NOW: i64 = 1_542_018_600_000;
const HOUR: i64 = 3_600_000;
const SEED: &str = "0123456789abcdef0123456789abcdef";

struct World {
    store: Store,
    clock: Clock,
    url: String,
    keys: ContactKeys,
    may: DrawSample,
    /// Drawn by field: strata 1 (hộ tịch) and 2 (đất đai).
    by_field: Place,
    /// Drawn as a whole: stratum 3.
    whole: Place,
    folder: Folder,
}

/// A round that closes in an hour, with two agencies in three strata, in one store of each kind.
async fn worlds(name: &str) -> Vec<World> {
    let mut worlds = vec![];
    for postgres in [false, true] {
        let folder = Folder::new(&format!("{name}-{postgres}"));
        let url = if postgres { Postgres::shared().database_url(name) } else { folder.sqlite_url() };
        let clock = Clock::fixed(NOW);
        let store = Store::open(&url, clock.clone()).await.expect("the database opens");
        store.migrate().await.expect("the schema comes up");
        let (catalogue, city) = (Catalogue::builtin().expect("built in"), City::load().expect("built in"));
        let questionnaire = catalogue.questionnaire("hanh-chinh-2018", None).expect("built in");
        let method = catalogue.method(&questionnaire.method, None).expect("built in");
        let mut made = city_of_2018(7, 0, [9; 32], &city, &questionnaire, &method);
        made.round.closes_at = Some(NOW + HOUR);
        let first = made.strata[0].agency;
        let second = made.strata.iter().map(|s| s.agency).find(|agency| *agency != first).expect("another");
        let stratum = |id, agency, field| Stratum { id: StratumId(id), agency, field, population: Some(7) };
        let strata = [stratum(1, first, Some(0)), stratum(2, first, Some(1)), stratum(3, second, None)];
        store.save_agencies(city.agencies()).await.expect("agencies");
        let (round, desks) = (&made.round, &[][..]);
        let new = NewRound { round, questionnaire: &questionnaire, method: &method, strata: &strata, desks };
        store.save_round(&new).await.expect("a round");
        let context = store.round(made.round.id).await.expect("read").expect("saved");
        let place = |agency: AgencyId| Place { round: Arc::clone(&context), agency };
        worlds.push(World {
            may: signed_in::may(&store, Role::Admin, None).await,
            keys: ContactKeys::beside(&folder.path().join("hailong.key")),
            by_field: place(first),
            whole: place(second),
            store,
            clock,
            url,
            folder,
        });
    }
    worlds
}

fn who() -> Who {
    Who::command("test")
}

/// A list of so many people with a dossier each, in two fields in turn.
fn list(place: &Place, people: u32) -> String {
    let fields = &place.round.round.fields;
    let mut text = "Mã hồ sơ;Họ tên;Điện thoại;Địa chỉ;Lĩnh vực\n".to_owned();
    for n in 1..=people {
        let field = &fields[n as usize % 2].name.vi;
        let (house, hamlet, phone) = (n % 90, n % 7, 912_000_000 + n);
        writeln!(text, "HS{n};Nguyễn Văn Thử {n};0{phone};Số {house}, ấp {hamlet}, xã Lục Bình Thử;{field}")
            .expect("text");
    }
    text
}

impl World {
    async fn key(&self) -> ContactKey {
        let round = self.whole.round.round.id;
        self.keys.for_upload(&self.store, round).await.expect("asked").expect("a key")
    }

    /// Uploads a list and leaves its columns to be chosen.
    async fn sent(&self, place: &Place, text: &str) -> (i32, Table) {
        let key = self.key().await;
        let table = table(text.as_bytes().to_vec()).expect("a list");
        let reading = preview(&table, None).reading;
        let new = NewFrame {
            round: place.round.round.id,
            agency: place.agency,
            file_name: "danh-sach.csv",
            sha256: sha256(text.as_bytes()),
            reading: &reading,
            by: "lan",
        };
        (keep_file(&self.store, &key, &table, &new).await.expect("kept"), table)
    }

    /// The second step, as it seems to be read.
    async fn chosen(&self, place: &Place, frame: i32, table: Table) -> Result<(), TakeInFault> {
        let key = self.key().await;
        let reading = preview(&table, None).reading;
        let scan = scan(&table.text, &reading, place, &key).expect("it can be read");
        let parts = (Arc::new(table), Arc::new(reading), Arc::new(place.clone()));
        finish(&self.store, &who(), frame, parts, scan, Arc::new(key)).await.expect("the store works")
    }

    async fn taken(&self, place: &Place, text: &str) -> Frame {
        let (frame, table) = self.sent(place, text).await;
        self.chosen(place, frame, table).await.expect("taken");
        self.store.frame(frame).await.expect("read").expect("there")
    }

    async fn scan(&self, place: &Place, text: &str) -> Scan {
        let table = table(text.as_bytes().to_vec()).expect("a list");
        let reading = preview(&table, None).reading;
        scan(&table.text, &reading, place, &self.key().await).expect("it can be read")
    }

    async fn draw(&self, frame: &Frame, size: Size) -> Result<i32, DrawFault> {
        let how = How { rule: Rule::Systematic, size, reserve_percent: 20, seed: SEED.to_owned() };
        draw_frame(&self.store, &self.key().await, (&self.may, &who()), frame, &how).await.expect("the store works")
    }

    async fn units(&self, list: i32) -> Vec<SampleUnit> {
        self.store.sample_units(&self.may, list).await.expect("read")
    }

    async fn count(&self, table: &str) -> i64 {
        let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {table}");
        let statement = sea_orm::Statement::from_string(self.store.backend(), sql);
        let row = self.store.reader().query_one_raw(statement).await.expect("counted").expect("a row");
        row.try_get_by_index(0).expect("a number")
    }

    /// Around the store, as somebody with the file would.
    async fn run(&self, sql: &str) {
        let db = sea_orm::Database::connect(&self.url).await.expect("connects");
        db.execute_unprepared(sql).await.expect("runs");
        db.close().await.expect("closes");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_line_is_named_and_nothing_of_the_list_is_kept() {
    for world in worlds("sampling_bad").await {
        let text = "Họ tên;Địa chỉ;Lĩnh vực\n\
                    Nguyễn Văn An;ấp 1;Lĩnh vực lạ\n\
                    ;ấp 2;{field}\n\
                    Trần Thị Bình;ấp 3;\n\
                    Lê Văn Cường;;{field}\n\
                    \"Phạm;ấp 5;{field}\n\
                    Đỗ Thị Dung;ấp 6;{field}\n"
            .replace("{field}", &world.by_field.round.round.fields[0].code);
        let found = world.scan(&world.by_field, &text).await;
        let said: Vec<String> = found.faults.iter().map(|fault| fault.words(app::domain::text::Lang::Vi)).collect();
        assert_eq!(
            said,
            [
                "dòng 2, cột C (Lĩnh vực): không phải lĩnh vực nào của đợt",
                "dòng 3, cột A (Họ tên): thiếu họ tên và mã hồ sơ",
                "dòng 4, cột C (Lĩnh vực): để trống, mà cơ quan này chia tầng theo lĩnh vực",
                "dòng 5, cột B (Địa chỉ): thiếu địa chỉ và điện thoại",
                "dòng 6, cột A (Họ tên): dấu ngoặc kép không khép, hoặc xuống dòng trong ô",
            ]
        );
        assert_eq!((found.lines, found.bad, found.dossiers()), (6, 5, 1));
        assert_eq!(world.count("frame_unit").await, 0);
        let many = "Họ tên;Địa chỉ\n".to_owned() + &"x;\n".repeat(limits::FRAME_FAULTS + 5);
        let found = world.scan(&world.whole, &many).await;
        assert_eq!((found.faults.len(), found.bad as usize), (limits::FRAME_FAULTS, limits::FRAME_FAULTS + 5));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_with_several_dossiers_is_one_unit_and_n_counts_the_dossiers() {
    for world in worlds("sampling_once").await {
        let text = "Họ tên,Điện thoại,Địa chỉ,Số CCCD\n\
                    Nguyễn Văn An,0912 345 678,ấp 1 xã A,092123456789\n\
                    NGUYỄN VĂN AN,+84912345678,,\n\
                    nguyễn  văn an,,Ấp 1 - Xã A,\n\
                    Nguyễn Văn An,,ấp 9 xã B,\n\
                    Nguyễn Văn An,0912345678,ấp 1 xã A,092999999999\n\
                    Công ty TNHH An,,ấp 1 xã A,1800123456\n";
        let frame = world.taken(&world.whole, text).await;
        assert_eq!(
            (frame.dossiers, frame.people, frame.bad_lines),
            (6, 4, 0),
            "a namesake elsewhere, another number, a company"
        );
        let strata = world.store.frame_strata(&[frame.id]).await.expect("read").remove(&frame.id).expect("one");
        assert_eq!((strata.len(), strata[0].dossiers, strata[0].people), (1, 6, 4));
        let list = world.draw(&frame, Size::ByHand(vec![(StratumId(3), 4)])).await.expect("drawn");
        let parties = world.units(list).await.iter().filter(|unit| unit.party == Party::Organisation).count();
        assert_eq!(parties, 1);
    }
}

/// Somebody with a dossier in each of two strata belongs to one of them by chance: over many people, to each equally often.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_dossiers_in_two_strata_falls_into_either_with_the_same_chance() {
    let world = worlds("sampling_twice").await.remove(0);
    let fields = &world.by_field.round.round.fields;
    let mut text = "Họ tên;Địa chỉ;Lĩnh vực\n".to_owned();
    for n in 0..2_000 {
        for field in &fields[..2] {
            writeln!(text, "Nguyễn Văn {n};ấp {n};{}", field.code).expect("text");
        }
    }
    let found = world.scan(&world.by_field, &text).await;
    assert_eq!((found.dossiers(), found.people()), (4_000, 2_000));
    // 2,000 tosses: three and a half standard deviations are 78.
    let [first, second] = &found.strata[..] else { panic!("two strata: {:?}", found.strata) };
    assert_eq!((first.dossiers, second.dossiers), (2_000, 2_000));
    assert!(first.people.abs_diff(1_000) < 78, "{}", first.people);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_was_cut_off_does_not_count_and_is_swept_away_after_a_day() {
    for world in worlds("sampling_cut").await {
        let (frame, kept) = world.sent(&world.whole, &list(&world.whole, 60)).await;
        assert!(world.store.frames(world.whole.round.round.id).await.expect("read").is_empty());
        let again = file_of(&world.store, &world.key().await, frame, ';').await.expect("read").expect("opens");
        assert_eq!(again, kept);
        world.clock.set(NOW + limits::FRAME_ARRIVING_MS - 1);
        world.store.sweep_frames().await.expect("swept");
        assert!(world.store.frame(frame).await.expect("read").is_some());
        world.clock.set(NOW + limits::FRAME_ARRIVING_MS + 1);
        world.store.sweep_frames().await.expect("swept");
        assert!(world.store.frame(frame).await.expect("read").is_none());
        assert_eq!(world.count("frame_part").await, 0);
        let gone = file_of(&world.store, &world.key().await, frame, ';').await.expect("read");
        assert_eq!(gone, Err(FileFault::Gone));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_list_takes_the_place_of_an_earlier_one_until_the_draw() {
    for world in worlds("sampling_later").await {
        let first = world.taken(&world.whole, &list(&world.whole, 60)).await;
        let second = world.taken(&world.whole, &list(&world.whole, 70)).await;
        let first = world.store.frame(first.id).await.expect("read").expect("its facts stay");
        assert_eq!((first.standing, first.people), (FrameStanding::Replaced, 60));
        assert_ne!(first.hash, second.hash);
        world.store.sweep_frames().await.expect("swept");
        assert_eq!(world.count("frame_unit").await, 70);
        let late = world.draw(&first, Size::Margin(50)).await;
        assert_eq!(late, Err(DrawFault::Sample(SampleFault::Frame)));
        world.draw(&second, Size::Margin(50)).await.expect("drawn");
        let (third, table) = world.sent(&world.whole, &list(&world.whole, 80)).await;
        let fault = world.chosen(&world.whole, third, table).await;
        assert!(matches!(fault, Err(TakeInFault::Frame(FrameFault::Drawn))), "{fault:?}");
        // Again with the same: a frame is taken once.
        assert_eq!(world.draw(&second, Size::Margin(50)).await, Err(DrawFault::Sample(SampleFault::Frame)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draw_keeps_whom_it_asks_and_forgets_all_others() {
    for world in worlds("sampling_draw").await {
        let few = world.taken(&world.whole, &list(&world.whole, 49)).await;
        assert_eq!(world.draw(&few, Size::Margin(50)).await, Err(DrawFault::LeftOut(LeftOut::Few(49))));
        let frame = world.taken(&world.by_field, &list(&world.by_field, 400)).await;
        let list = world.draw(&frame, Size::Margin(50)).await.expect("drawn");
        let units = world.units(list).await;
        // N = 400: n = 200, a hundred of each field, and twenty of each in reserve.
        assert_eq!(units.len(), 240);
        for stratum in [1, 2] {
            let of = |reserve| units.iter().filter(|u| u.stratum.0 == stratum && u.reserve == reserve).count();
            assert_eq!((of(false), of(true)), (100, 20));
        }
        assert!(units.iter().zip(1..).all(|(unit, number)| unit.number == number));
        assert!(units[..200].iter().all(|unit| !unit.reserve), "the reserve stands behind the others");
        assert_eq!(world.count("frame_unit").await, 49, "only the other agency's list is still there");
        assert_eq!(world.count("sample_contact").await, 240);

        // Whom they name, in the order of the walk: one hamlet after the other.
        let ids: Vec<Uuid> = units.iter().map(|unit| unit.id).collect();
        let contacts = contacts_of(&world.store, &world.key().await, &world.may, &ids).await.expect("read");
        let addresses: Vec<String> =
            ids[..200].iter().map(|id| contacts[id].clone().expect("it opens").address).collect();
        let hamlets: Vec<&str> = addresses.iter().filter_map(|a| a.split(", ").nth(1)).collect();
        assert!(hamlets.is_sorted(), "{hamlets:?}");
        let lead: app::domain::role::LeadTeam = signed_in::may(&world.store, Role::Supervisor, None).await;
        assert_eq!(world.store.sealed_contacts(&lead, &ids[..3]).await.expect("read").len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_draws_the_same_from_the_facts_alone_and_finds_a_changed_list() {
    let mut drawn = vec![];
    for world in worlds("sampling_again").await {
        let frame = world.taken(&world.by_field, &list(&world.by_field, 400)).await;
        let id = world.draw(&frame, Size::Margin(50)).await.expect("drawn");
        let facts = world.store.sample_list(&world.may, id).await.expect("read").expect("there");
        assert_eq!((facts.seed.as_str(), facts.margin, &facts.frame_hash), (SEED, Some(50), &frame.hash));
        let units = world.units(id).await;
        let again = draw_again(&facts, &units);
        assert_eq!((again.same, again.different), (240, 0));
        let mut places: Vec<_> = units.iter().map(|unit| (unit.stratum, unit.pos, unit.reserve)).collect();
        places.sort_unstable();
        drawn.push(places);
        // Somebody puts an acquaintance in the place of another.
        let (one, free) =
            (units[0].id, (1..=200).find(|pos| !units.iter().any(|u| u.stratum == units[0].stratum && u.pos == *pos)));
        let id_sql = if world.url.starts_with("sqlite") { format!("x'{}'", one.simple()) } else { format!("'{one}'") };
        world.run(&format!("UPDATE sample_unit SET pos = {} WHERE id = {id_sql}", free.expect("one"))).await;
        let again = draw_again(&facts, &world.units(id).await);
        assert_eq!((again.same, again.different), (239, 2));
    }
    assert_eq!(drawn[0], drawn[1], "both databases, with keys of their own, draw the same places");
}

/// Whether a file holds any of these, in UTF-8.
fn holds(path: &Path, needles: &[&str]) -> Vec<String> {
    let Ok(bytes) = std::fs::read(path) else { return vec![] };
    let found = |needle: &&&str| bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
    needles.iter().filter(found).map(|needle| format!("{needle} in {}", path.display())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_name_address_or_telephone_is_readable_in_the_database_its_log_or_a_backup() {
    let world = worlds("sampling_grep").await.remove(0);
    let needles =
        ["Nguyễn Văn Thử", "nguyen van thu", "Lục Bình Thử", "luc binh thu", "912000017", "0912000017", "HS170"];
    let file = world.folder.path().join(world.url.rsplit('/').next().expect("a name"));
    let all = || {
        let names = ["", "-wal", "-shm", "-journal"];
        let files = names
            .iter()
            .map(|end| file.with_file_name(format!("{}{end}", file.file_name().expect("a name").display())));
        files.collect::<Vec<_>>()
    };
    let backup = |n: u8| world.folder.path().join(format!("backup-{n}.db"));
    let readable = async |n: u8| {
        world.run(&format!("VACUUM INTO '{}'", backup(n).display())).await;
        let files = all().into_iter().chain([backup(n)]);
        files.flat_map(|path| holds(&path, &needles)).collect::<Vec<_>>()
    };
    assert!(file.exists());
    let (frame, table) = world.sent(&world.whole, &list(&world.whole, 300)).await;
    assert_eq!(readable(1).await, Vec::<String>::new(), "the file, before its columns are chosen");
    world.chosen(&world.whole, frame, table).await.expect("taken");
    assert_eq!(readable(2).await, Vec::<String>::new(), "the people, before the draw");
    let frame = world.store.frame(frame).await.expect("read").expect("there");
    let drawn = world.draw(&frame, Size::Margin(50)).await.expect("drawn");
    let unit = world.units(drawn).await.remove(0).id;
    let sealed = world.store.sealed_contacts(&world.may, &[unit]).await.expect("read").remove(&unit).expect("there");
    assert!(world.key().await.open_unit(unit, &sealed).expect("it opens").name.starts_with("Nguyễn Văn Thử"));
    assert_eq!(readable(3).await, Vec::<String>::new(), "the sample, after the draw");
    assert!(std::fs::metadata(&file).expect("there").len() > 0 && all()[1].exists(), "there is a log to look into");

    let round = world.whole.round.round.id;
    assert!(world.keys.purge(&world.store, &who(), round).await.expect("purged"));
    assert_eq!(readable(4).await, Vec::<String>::new(), "after the purge");
    // Whoever kept a backup from before has noise: the key is gone.
    assert!(world.keys.load(round).is_err());
    for table in ["sample_contact", "sample_link", "frame_unit", "frame_part"] {
        assert_eq!(world.count(table).await, 0, "{table}");
    }
    let fresh = ContactKeys::beside(&world.folder.path().join("other/hailong.key"));
    std::fs::create_dir(world.folder.path().join("other")).expect("a folder");
    let other = worlds("sampling_grep_other").await.remove(0);
    let other_key = fresh.for_upload(&other.store, round).await.expect("asked").expect("made");
    assert_eq!(other_key.open_unit(unit, &sealed), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_has_one_response_and_none_once_the_links_are_erased() {
    for world in worlds("sampling_link").await {
        let frame = world.taken(&world.whole, &list(&world.whole, 60)).await;
        let drawn = world.draw(&frame, Size::Margin(50)).await.expect("drawn");
        let units = world.units(drawn).await;
        let (unit, one, other) = (units[0].id, Uuid::from_u128(1), Uuid::from_u128(2));
        let link = async |unit, response| {
            world.store.link_units(frame.round, &[(unit, response)]).await.expect("asked").remove(&(unit, response))
        };
        assert_eq!(link(unit, one).await, Some(Link::New));
        assert_eq!(link(unit, one).await, Some(Link::Same));
        assert_eq!(link(unit, other).await, Some(Link::Other));
        world.keys.purge(&world.store, &who(), frame.round).await.expect("purged");
        assert_eq!(link(unit, one).await, None);
        assert_eq!(link(units[1].id, other).await, None);
        assert_eq!(world.count("sample_link").await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn contact_data_end_by_themselves_ninety_days_after_the_round_and_counts_stay() {
    for world in worlds("sampling_purge").await {
        let round = world.whole.round.round.id;
        let frame = world.taken(&world.whole, &list(&world.whole, 60)).await;
        let drawn = world.draw(&frame, Size::Margin(50)).await.expect("drawn");
        let open = world.taken(&world.by_field, &list(&world.by_field, 60)).await;
        // As a surveyor's word leaves it.
        let first = format!("SELECT MIN(pos) FROM sample_unit WHERE list_id = {drawn}");
        world.run(&format!("UPDATE sample_unit SET outcome = 1 WHERE list_id = {drawn} AND pos = ({first})")).await;
        world.clock.set(NOW + HOUR + limits::CONTACTS_MS - 1);
        world.keys.purge_due(&world.store).await.expect("looked");
        assert_eq!(world.store.contacts_purged_at(round).await.expect("read"), None);
        let due = NOW + HOUR + limits::CONTACTS_MS;
        world.clock.set(due);
        world.keys.purge_due(&world.store).await.expect("looked");
        world.keys.purge_due(&world.store).await.expect("and again");
        assert_eq!(world.store.contacts_purged_at(round).await.expect("read"), Some(due));
        assert!(world.keys.load(round).is_err());
        let kept = world.units(drawn).await;
        assert_eq!((kept.len(), kept.iter().filter(|u| u.outcome == Some(Outcome::Done)).count()), (60, 1));
        assert_eq!(world.count("sample_contact").await, 0);
        let open = world.store.frame(open.id).await.expect("read").expect("its facts stay");
        assert_eq!((open.standing, open.people), (FrameStanding::Replaced, 60));
        assert_eq!(world.count("frame_unit").await, 0);
        // The key is not made anew, so no list can be handed in.
        assert!(world.keys.for_upload(&world.store, round).await.expect("asked").is_err());
        assert!(matches!(world.store.verify_log().await, Ok(app::store::LogVerdict::Whole { .. })));
        assert_eq!(world.count("staff_log WHERE act = 'contacts-purged'").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_n_of_the_lists_becomes_that_of_the_strata_until_the_round_is_frozen() -> Result<(), StoreError> {
    for world in worlds("sampling_n").await {
        let round = world.whole.round.round.id;
        world.taken(&world.whole, &list(&world.whole, 61)).await;
        world.taken(&world.by_field, &list(&world.by_field, 101)).await;
        let changes = world.store.population_changes(&world.may, round).await?;
        let seen: Vec<_> = changes.iter().map(|change| (change.stratum.0, change.before, change.after)).collect();
        assert_eq!(seen, [(1, Some(7), 50), (2, Some(7), 51), (3, Some(7), 61)]);
        // One agency is chosen: the other keeps its N.
        let (first, rest) = changes.split_at(2);
        assert_eq!(world.store.take_populations(&world.may, &who(), round, first).await?, Ok(2));
        let n =
            |context: Arc<app::store::RoundContext>| context.strata.iter().map(|s| s.population).collect::<Vec<_>>();
        assert_eq!(n(world.store.round(round).await?.expect("there")), [Some(50), Some(51), Some(7)]);
        // What is no longer as it was shown is not written, none of it.
        let stale = [rest[0], first[0]];
        assert_eq!(
            world.store.take_populations(&world.may, &who(), round, &stale).await?,
            Err(PopulationFault::Changed)
        );
        assert_eq!(n(world.store.round(round).await?.expect("there")), [Some(50), Some(51), Some(7)]);
        assert_eq!(world.store.take_populations(&world.may, &who(), round, rest).await?, Ok(1));
        assert_eq!(world.store.population_changes(&world.may, round).await?, []);
        assert_eq!(world.count("staff_log WHERE act = 'populations-taken'").await, 2);
        let context = world.store.round(round).await?.expect("there");
        let n: Vec<_> = context.strata.iter().map(|stratum| stratum.population).collect();
        assert_eq!(n, [Some(50), Some(51), Some(61)]);
        let publish = signed_in::may::<app::domain::role::Publish>(&world.store, Role::Admin, Some(AgencyId(1))).await;
        world.store.start();
        world.clock.set(NOW + 2 * HOUR);
        assert!(world.store.freeze(&publish, &who(), round, false).await?.is_ok());
        let late = world.store.take_populations(&world.may, &who(), round, rest).await?;
        assert_eq!(late, Err(PopulationFault::Frozen));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_of_the_wrong_list_is_voided_with_a_reason_until_somebody_is_given_a_part_of_it() {
    const WHY: &str = "Cơ quan nộp nhầm danh sách của năm trước.";
    for world in worlds("sampling_void").await {
        let round = world.whole.round.round.id;
        let void = |list: i32, words: &'static str| {
            let (store, may) = (&world.store, &world.may);
            async move { store.void_sample(may, &who(), list, words).await.expect("asked") }
        };
        let frame = world.taken(&world.whole, &list(&world.whole, 100)).await;
        let first = world.draw(&frame, Size::ByHand(vec![(StratumId(3), 60)])).await.expect("drawn");
        assert_eq!(void(first, "nhầm").await, Err(VoidFault::Reason));
        assert_eq!(void(99, WHY).await, Err(VoidFault::Gone));
        let unit = world.units(first).await[0].id;
        let id = if world.url.starts_with("sqlite") { format!("x'{}'", unit.simple()) } else { format!("'{unit}'") };
        world
            .run(&format!("INSERT INTO assignment (unit_id, team_id, account_id, assigned_at) VALUES ({id}, 1, 1, 0)"))
            .await;
        assert_eq!(void(first, WHY).await, Err(VoidFault::Used));
        world.run("DELETE FROM assignment").await;
        world.run(&format!("INSERT INTO former_assignment (unit_id, team_id) VALUES ({id}, 1)")).await;
        assert_eq!(void(first, WHY).await, Err(VoidFault::Used), "one that was taken back may come home still");
        world.run("DELETE FROM former_assignment").await;
        assert_eq!(world.units(first).await.len(), 72, "a refusal changes nothing");

        assert_eq!(void(first, WHY).await, Ok(round));
        assert_eq!(void(first, WHY).await, Err(VoidFault::Gone), "once");
        for table in ["sample_list", "sample_stratum", "sample_unit", "sample_contact"] {
            assert_eq!(world.count(table).await, 0, "{table}");
        }
        let voided = world.store.voided_samples(&world.may, round).await.expect("read");
        let facts: Vec<_> = voided.iter().map(|v| (v.list, v.agency, v.drawn, v.reason.as_str())).collect();
        assert_eq!(facts, [(first, world.whole.agency, (60, 12), WHY)]);

        // The same list is not drawn again; another is, under another key.
        let how = Size::ByHand(vec![(StratumId(3), 60)]);
        assert!(matches!(world.draw(&frame, how.clone()).await, Err(DrawFault::Sample(SampleFault::Frame))));
        let better = world.taken(&world.whole, &list(&world.whole, 120)).await;
        let second = world.draw(&better, how).await.expect("drawn");
        assert_ne!(second, first);
        // Once the contact data are gone nothing is voided any more.
        world.store.purge_contacts(&who(), round).await.expect("purged");
        assert_eq!(void(second, WHY).await, Err(VoidFault::Over));
    }
}
