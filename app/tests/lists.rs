//! Lists as agencies send them: what each comes to. The files are in `lists/`, with invented people.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use app::domain::ids::StratumId;
use app::domain::round::Stratum;
use app::domain::sample::aside::Aside;
use app::domain::sample::frame::{Part, Reading, Why};
use app::server_side::catalogue::Catalogue;
use app::server_side::city::City;
use app::server_side::clock::Clock;
use app::server_side::contacts::{ContactKey, ContactKeys};
use app::server_side::frame::{
    Decisions, FileFault, Lines, Place, Row, Scan, Shared, Table, preview, scan, scan_with, table,
};
use app::server_side::simulate::city_of_2018;
use app::store::{NewRound, Store};
use testkit::Folder;

/// An agency that is drawn as a whole, and the key of its round.
struct Desk {
    place: Place,
    key: ContactKey,
    _folder: Folder,
}

async fn desk(name: &str) -> Desk {
    let folder = Folder::new(name);
    let store = Store::open(&folder.sqlite_url(), Clock::fixed(1_542_018_600_000)).await.expect("a database");
    store.migrate().await.expect("the schema");
    let (catalogue, city) = (Catalogue::builtin().expect("built in"), City::load().expect("built in"));
    let questionnaire = catalogue.questionnaire("hanh-chinh-2018", None).expect("built in");
    let method = catalogue.method(&questionnaire.method, None).expect("built in");
    let made = city_of_2018(7, 0, [9; 32], &city, &questionnaire, &method);
    let agency = made.strata[0].agency;
    let strata = [Stratum { id: StratumId(1), agency, field: None, population: None }];
    store.save_agencies(city.agencies()).await.expect("agencies");
    let (round, desks) = (&made.round, &[][..]);
    let new = NewRound { round, questionnaire: &questionnaire, method: &method, strata: &strata, desks };
    store.save_round(&new).await.expect("a round");
    let context = store.round(made.round.id).await.expect("read").expect("saved");
    let keys = ContactKeys::beside(&folder.path().join("hailong.key"));
    let key = keys.for_upload(&store, made.round.id).await.expect("asked").expect("a key");
    Desk { place: Place { round: Arc::clone(&context), agency }, key, _folder: folder }
}

fn file(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lists").join(name)).expect("a file of the test")
}

/// A file by the columns that its headings suggest.
fn read(bytes: Vec<u8>) -> (Table, Reading) {
    let table = table(bytes).expect("a list");
    let reading = preview(&table, None).reading;
    (table, reading)
}

impl Desk {
    fn scan(&self, bytes: Vec<u8>) -> Scan {
        let (table, reading) = read(bytes);
        scan(&table.text, &reading, &self.place, &self.key).expect("it is read to its end")
    }

    fn scan_with(&self, bytes: Vec<u8>, decided: &Decisions) -> Scan {
        let (table, reading) = read(bytes);
        scan_with(&table.text, &reading, &self.place, &self.key, decided).expect("it is read to its end")
    }

    fn lines(&self, bytes: Vec<u8>) -> Vec<(u64, Row)> {
        let (table, reading) = read(bytes);
        let mut lines = Lines::new(&table.text, &reading, &self.place);
        std::iter::from_fn(|| lines.next_line().expect("it is read to its end")).collect()
    }
}

/// Dossiers, people, bad lines.
fn sums(scan: &Scan) -> (u32, u32, u32) {
    (scan.dossiers(), scan.people(), scan.bad)
}

#[tokio::test(flavor = "multi_thread")]
async fn people_with_one_placeholder_number_are_people_each() {
    let desk = desk("lists-placeholder").await;
    for (name, placeholders) in [("dummy-id-zeros.csv", 6), ("dummy-name-phone.csv", 0)] {
        let scan = desk.scan(file(name));
        assert_eq!(sums(&scan), (6, 6, 0), "{name}");
        assert_eq!((scan.placeholders, scan.group_count), (placeholders, 0), "{name}");
    }
    // Other placeholders of the same kind, in each column.
    for number in ["123456789", "111111111111", "0123456789", "092000000000", "9999999999", "121212121212"] {
        let mut text = "Mã hồ sơ,Họ tên,CCCD,SĐT,Địa chỉ\n".to_owned();
        for (at, name) in ["Nguyễn Văn An", "Trần Thị Bích", "Nguyễn Văn An"].iter().enumerate() {
            text += &format!("H{at},{name},{number},{number},xã Mỹ Khánh\n");
        }
        assert_eq!(sums(&desk.scan(text.into_bytes())), (3, 3, 0), "{number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_different_names_is_no_identity_until_the_official_joins_them() {
    let desk = desk("lists-agent").await;
    let apart = desk.scan(file("agent-id.csv"));
    assert_eq!(sums(&apart), (6, 6, 0));
    let [group] = apart.groups.as_slice() else { panic!("{:?}", apart.groups) };
    assert_eq!((group.shared, group.count, group.lines.as_slice()), (Shared::Number, 6, &[2, 3, 4, 5, 6, 7][..]));
    assert_eq!((group.names.len(), group.names[0].as_str()), (6, "Nguyễn Văn An"));
    let decided = Decisions { joined: BTreeSet::from([2]), drop_alike: false };
    let joined = desk.scan_with(file("agent-id.csv"), &decided);
    assert_eq!(sums(&joined), (6, 1, 0));
    assert_eq!(joined.mark(), apart.mark(), "what is to be seen does not hang on what is decided");
    assert_eq!(apart.mark().len(), 16);
    // One person under one number, once typed without tones; and two of the agent's people with two dossiers each.
    let one = "Mã hồ sơ,Họ tên,CCCD,SĐT,Địa chỉ\n\
               1,Nguyễn Văn An,092085001111,0912000000,Ấp 1\n2,NGUYEN VAN AN,92085001111,,Ấp 1\n";
    let scan = desk.scan(one.as_bytes().to_vec());
    assert_eq!((sums(&scan), scan.group_count), ((2, 1, 0), 0));
    let two = "Mã hồ sơ,Họ tên,CCCD,SĐT,Địa chỉ\n\
               1,Nguyễn Văn An,092085001111,0912000000,Ấp 1\n2,Trần Thị Bích,092085001111,0912000000,Ấp 2\n\
               3,Nguyễn Văn An,092085001111,0912000000,Ấp 1\n4,Trần Thị Bích,092085001111,0912000000,Ấp 2\n";
    let scan = desk.scan(two.as_bytes().to_vec());
    assert_eq!((sums(&scan), scan.group_count), ((4, 2, 0), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn tones_tell_people_apart_and_the_official_may_join_them() {
    let desk = desk("lists-tones").await;
    let apart = desk.scan(file("fold-namesakes.csv"));
    assert_eq!(sums(&apart), (4, 4, 0));
    let [group] = apart.groups.as_slice() else { panic!("{:?}", apart.groups) };
    assert_eq!((group.shared, group.lines.as_slice()), (Shared::Telephone, &[4, 5][..]));
    assert_eq!(group.names, ["Lê Thị Hà", "Lê Thị Hạ"]);
    let decided = Decisions { joined: BTreeSet::from([4]), drop_alike: false };
    assert_eq!(sums(&desk.scan_with(file("fold-namesakes.csv"), &decided)), (4, 3, 0));
    // A ward, or a name without tones, is not enough.
    for (name, address, people) in [
        ("Nguyễn Văn An", "xã Mỹ Khánh", 2),
        ("Nguyen Van An", "xã Mỹ Khánh", 2),
        ("Nguyen Van An", "ấp 1, xã Mỹ Khánh", 2),
        ("Nguyễn Văn An", "ấp 1, xã Mỹ Khánh", 1),
        ("Nguyễn Văn An", "12 Nguyễn Trãi", 1),
    ] {
        let text = format!("Mã hồ sơ,Họ tên,Địa chỉ\n1,{name},\"{address}\"\n2,{name},\"{address}\"\n");
        assert_eq!(sums(&desk.scan(text.into_bytes())), (2, people, 0), "{name}, {address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_columns_totals_and_signatures_are_named_and_never_in_n() {
    let desk = desk("lists-aside").await;
    let scan = desk.scan(file("column-numbers.csv"));
    assert_eq!((sums(&scan), scan.aside.as_slice()), ((6, 6, 0), &[(2, Aside::ColumnNumbers)][..]));
    let scan = desk.scan(file("total-row.csv"));
    assert_eq!(sums(&scan), (6, 6, 0));
    assert_eq!(scan.aside, [(8, Aside::Total), (9, Aside::Day), (10, Aside::Signature)]);
    let more = "Họ tên,Địa chỉ,Điện thoại\n(1),(2),(3)\nNguyễn Văn An,Ấp 1,0912345678\nCộng:,1 hồ sơ,\n\
                Họ tên,Địa chỉ,Điện thoại\nTống Thị Cộng,Ấp 2,0912345679\nTổng số: 2,,\n\
                ,\"Ô Môn, ngày 5 tháng 1 năm 2026\",\nNgười lập biểu,Thủ trưởng đơn vị,\n\
                \"(Ký, ghi rõ họ tên)\",\"(Ký, đóng dấu)\",\nLê Văn Ký,Trần Thị Trưởng,\n";
    let scan = desk.scan(more.as_bytes().to_vec());
    assert_eq!(sums(&scan), (2, 2, 0), "{:?}", scan.aside);
    let kinds: Vec<Aside> = scan.aside.iter().map(|(_, aside)| *aside).collect();
    let wanted = [
        Aside::ColumnNumbers,
        Aside::Total,
        Aside::Headings,
        Aside::Total,
        Aside::Day,
        Aside::Signature,
        Aside::Signature,
        Aside::Below,
    ];
    assert_eq!(kinds, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn merged_cells_carry_their_value_down() {
    let desk = desk("lists-merged").await;
    let scan = desk.scan(file("merged-person.xlsx"));
    assert_eq!((scan.bad, scan.dossiers()), (0, 7), "{:?}", scan.faults);
    assert_eq!(scan.people(), 6, "two dossiers of one person");
}

#[tokio::test(flavor = "multi_thread")]
async fn zeros_that_a_spreadsheet_ate_come_back_and_shortened_numbers_are_bad() {
    let desk = desk("lists-numbers").await;
    let scan = desk.scan(file("numbers.xlsx"));
    assert_eq!((sums(&scan), scan.group_count), ((6, 6, 0), 0));
    let phones: Vec<String> = desk
        .lines(file("numbers.xlsx"))
        .into_iter()
        .filter_map(|(_, row)| match row {
            Row::Dossier(line, _) => Some(line.contact.phone.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(phones[..4], ["0912345678", "0939111222", "0907333444", "02923812345"]);
    // The same people, typed with their zeros, are the same people.
    let text = "Mã hồ sơ,Họ tên,CCCD,Địa chỉ\n1,Nguyễn Văn An,092123456789,x\n2,Nguyễn Văn An,92123456789,y\n\
                3,Lê Thị Hà,001185001234,x\n4,Lê Thị Hà,1185001234,y\n";
    assert_eq!(sums(&desk.scan(text.as_bytes().to_vec())), (4, 2, 0));
    let scan = desk.scan(file("scientific.csv"));
    assert_eq!((scan.bad, scan.dossiers()), (6, 0));
    assert!(scan.faults.iter().all(|fault| fault.why == Why::Scientific), "{:?}", scan.faults);
    assert_eq!(scan.faults[0].column, "D (Số CCCD)");
    assert_eq!(scan.faults[5].column, "E (Điện thoại)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_code_counts_once_and_its_repeats_are_named() {
    let desk = desk("lists-twice").await;
    let list = "Mã hồ sơ,Họ tên,CCCD,Điện thoại,Địa chỉ\n\
                H13-1,Nguyễn Văn An,092123456789,0912345678,Ấp 1\nH13-2,Trần Thị Bích,092185001234,0939111222,Ấp 2\n";
    let body = list.split_once('\n').expect("headings").1;
    let twice = desk.scan(format!("{list}{body}").into_bytes());
    assert_eq!((sums(&twice), twice.repeat_count), ((2, 2, 0), 2));
    let named: Vec<_> = twice.repeats.iter().map(|r| (r.line, r.first, r.code.as_str())).collect();
    assert_eq!(named, [(4, 2, "h13 1"), (5, 3, "h13 2")]);
    // The headings pasted with it, the code written in another way, another column changed: still once.
    let text = format!("{list}{}", list.replace("H13-1", "h13 - 1").replace("Ấp 2", "Ấp 3"));
    assert_eq!(sums(&desk.scan(text.into_bytes())), (2, 2, 0));
    assert!(!twice.mark().is_empty());
    assert!(desk.scan(list.as_bytes().to_vec()).mark().is_empty(), "a plain list asks nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_without_a_code_that_are_the_same_are_for_the_official_to_decide() {
    let desk = desk("lists-alike").await;
    let text = "STT,Họ tên,CCCD,Địa chỉ,Ngày trả\n1,Nguyễn Văn An,092123456789,Ấp 1,12/11/2018\n\
                2,Nguyễn Văn An,092123456789,Ấp 1,13/11/2018\n3,Nguyễn Văn An,092123456789,Ấp 1,12/11/2018\n";
    let kept = desk.scan(text.as_bytes().to_vec());
    assert_eq!((sums(&kept), kept.alike_count, kept.repeat_count), ((3, 1, 0), 1, 0));
    assert_eq!((kept.alike[0].line, kept.alike[0].first), (4, 2));
    let once = desk.scan_with(text.as_bytes().to_vec(), &Decisions { drop_alike: true, ..Decisions::default() });
    assert_eq!((sums(&once), once.alike_count), ((2, 1, 0), 1));
    // "x" is no code.
    let text = "Mã hồ sơ,Họ tên,Địa chỉ\nx,Nguyễn Văn An,Ấp 1\nx,Trần Thị Bích,Ấp 2\n-,Lê Văn Cường,Ấp 3\n";
    assert_eq!(sums(&desk.scan(text.as_bytes().to_vec())), (3, 3, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn workbooks_that_other_programs_write_are_read() {
    let desk = desk("lists-workbooks").await;
    for name in ["a0-dimension.xlsx", "cover-first.xlsx", "empty-first.xlsx", "date1904.xlsx", "blank-rows.csv"] {
        let scan = desk.scan(file(name));
        assert_eq!(sums(&scan), (6, 6, 0), "{name}: {:?}", scan.faults);
    }
    for name in ["html.xls", "mac-cr.csv", "quoted-newline.csv"] {
        let scan = desk.scan(file(name));
        assert_eq!(sums(&scan), (6, 6, 0), "{name}: {:?}", scan.faults);
    }
    let lost = desk.scan(file("question-marks.csv"));
    assert_eq!((lost.dossiers(), lost.bad, lost.faults[0].why), (0, 6, Why::LostLetters));
    assert_eq!(table(file("tcvn3.csv")), Err(FileFault::NotUtf8));
    let (dates, _) = read(file("date1904.xlsx"));
    let text = String::from_utf8(dates.text).expect("UTF-8");
    assert!(text.lines().nth(1).is_some_and(|line| line.ends_with("\t12/11/2025")), "{text}");
    assert_eq!(table(file("list.docx")), Err(FileFault::Document));
    assert!(read(file("cover-first.xlsx")).1.columns.column(Part::Name).is_some());
}
