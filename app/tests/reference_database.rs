//! The same reference files through the database: answers are imported, counted by the store, and the index that is
//! computed from its tallies is the one of the R package *survey*, on SQLite and on PostgreSQL.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails loudly")]

#[path = "support/reference.rs"]
mod support;

use app::domain::agency::{Agency, Level};
use app::domain::answer::{Answer, Sheet, Validity};
use app::domain::ids::{AgencyId, RoundId, StratumId};
use app::domain::index::{self, Basis, Figure, Figures, LeftOut};
use app::domain::questionnaire::Questionnaire;
use app::domain::response::{Marks, Mode, NewResponse, Phase, Standing, Stream};
use app::domain::round::{Field, Round, Stratum};
use app::domain::tally::Tally;
use app::domain::text::{Lang, Text};
use app::server_side::catalogue::Catalogue;
use app::server_side::clock::Clock;
use app::store::{NewRound, RoundContext, Store};
use serde_json::{Value, json};
use support::{agrees, read};
use testkit::{Folder, Postgres};
use uuid::Uuid;

/// 2018-11-12 10:30 UTC, and its day.
const NOW: i64 = 1_542_018_600_000;
const DAY: i32 = 17_847;
const ROUND: RoundId = RoundId(1);

/// The rows of a CSV file without quotes, each with its headings.
fn rows(set: &str, file: &str) -> Vec<Vec<(String, String)>> {
    let text = String::from_utf8(read(set, file)).expect("UTF-8");
    let mut lines = text.lines();
    let headings: Vec<&str> = lines.next().expect("headings").split(',').collect();
    let row = |line: &str| headings.iter().map(|h| (*h).to_owned()).zip(line.split(',').map(str::to_owned)).collect();
    lines.map(row).collect()
}

fn cell<'r>(row: &'r [(String, String)], heading: &str) -> Option<&'r str> {
    row.iter().find(|(h, _)| h == heading).map(|(_, cell)| cell.as_str())
}

/// Agencies, fields and strata of a population file.
#[derive(Default)]
struct Frame {
    agencies: Vec<Agency>,
    fields: Vec<Field>,
    strata: Vec<Stratum>,
}

impl Frame {
    fn read(set: &str) -> Self {
        let mut frame = Self::default();
        for row in rows(set, "population.csv") {
            let agency = frame.agency(cell(&row, "agency").expect("an agency"));
            let field = cell(&row, "stratum").map(|code| frame.field(code));
            let id = StratumId(i32::try_from(frame.strata.len() + 1).expect("few"));
            let population = cell(&row, "population").expect("a population").parse().ok();
            frame.strata.push(Stratum { id, agency, field, population });
        }
        frame
    }

    fn agency(&mut self, code: &str) -> AgencyId {
        if let Some(known) = self.agencies.iter().find(|a| a.code == code) {
            return known.id;
        }
        let id = AgencyId(i32::try_from(self.agencies.len() + 1).expect("few"));
        self.agencies.push(Agency {
            id,
            code: code.to_owned(),
            name: format!("Cơ quan {code}"),
            kind: "sở".to_owned(),
            level: Level::City,
            parent: None,
            valid_from: DAY - 365,
            valid_to: None,
            aliases: vec![],
            successors: vec![],
        });
        id
    }

    fn field(&mut self, code: &str) -> i16 {
        let known = self.fields.iter().position(|f| f.code == code);
        let at = known.unwrap_or_else(|| {
            self.fields.push(Field { code: code.to_owned(), name: Text { vi: code.to_owned(), en: code.to_owned() } });
            self.fields.len() - 1
        });
        i16::try_from(at).expect("few")
    }

    /// Puts agencies and the round into the store; the round as the store has it.
    async fn save(&self, store: &Store, version: u16) -> std::sync::Arc<RoundContext> {
        let catalogue = Catalogue::builtin().expect("built in");
        let questionnaire = catalogue.questionnaire("hanh-chinh-2018", None).expect("built in");
        let method = catalogue.method(&questionnaire.method, Some(version)).expect("built in");
        let round = Round {
            id: ROUND,
            code: "2018".to_owned(),
            name: questionnaire.short_title.clone(),
            questionnaire: (questionnaire.key.clone(), questionnaire.version),
            method: (method.key.clone(), method.version),
            period: (DAY - 90, DAY + 90),
            opens_at: None,
            closes_at: None,
            fields: self.fields.clone(),
            step: 1,
            sample_data: true,
        };
        store.save_agencies(&self.agencies).await.expect("agencies are saved");
        let (strata, desks) = (&self.strata[..], &[][..]);
        let new = NewRound { round: &round, questionnaire: &questionnaire, method: &method, strata, desks };
        store.save_round(&new).await.expect("the round is saved");
        store.round(ROUND).await.expect("it can be asked").expect("it is there")
    }

    /// The answers of a file as they come from a drawn sample on paper.
    fn responses(&self, set: &str, round: &RoundContext) -> Vec<NewResponse> {
        let questionnaire = &round.questionnaire;
        let response = |(row, id): (Vec<(String, String)>, u128)| {
            let code = cell(&row, "agency").expect("an agency");
            let agency = self.agencies.iter().find(|a| a.code == code).expect("in the frame").id;
            let field = cell(&row, "stratum").map(|code| round.round.field_index(code).expect("in the frame"));
            let mut sheet = Sheet::blank(questionnaire);
            for (heading, figure) in row.iter().filter(|(_, figure)| !figure.is_empty()) {
                if let Some(criterion) = questionnaire.criterion_index(heading) {
                    sheet.answers[criterion] = Answer::from_figure(figure.parse().unwrap()).unwrap();
                }
            }
            let standing = match sheet.validity(questionnaire) {
                Validity::Valid => Standing::Valid,
                Validity::Incomplete => Standing::Incomplete,
            };
            NewResponse {
                id: Uuid::from_u128(id),
                round: ROUND,
                agency,
                desk: None,
                device: None,
                stratum: round.locate(agency, field, &sheet, Stream::Sample),
                field,
                stream: Stream::Sample,
                standing,
                // Modes add up.
                mode: if id % 2 == 0 { Mode::Paper } else { Mode::Tablet },
                lang: Lang::Vi,
                marks: Marks::default(),
                phase: Phase::Form,
                sheet,
                comment: None,
                started_at: None,
                finished_at: None,
                local_day: DAY,
                received_at: NOW,
            }
        };
        rows(set, "responses.csv").into_iter().zip(1..).map(response).collect()
    }
}

/// The index from the tallies of the store, in the shape of the reference files.
async fn report(store: &Store, round: &RoundContext, frame: &Frame) -> Value {
    let tallies = store.renewed_tallies().await.expect("they can be read");
    let sum = |agency: AgencyId, stratum: Option<StratumId>, standing: Standing| {
        let mut sum = Tally::zero(&round.shape);
        for (cell, tally) in tallies.round(ROUND) {
            if cell.agency == agency && cell.standing == standing && stratum.is_none_or(|s| s == cell.stratum) {
                assert_eq!(cell.stream, Stream::Sample);
                sum.merge(tally);
            }
        }
        sum
    };
    let sums: Vec<Tally> = frame.strata.iter().map(|s| sum(s.agency, Some(s.id), Standing::Valid)).collect();
    let strata_of = |agency: AgencyId| {
        let of_agency = frame.strata.iter().zip(&sums).filter(move |(s, _)| s.agency == agency);
        of_agency.map(|(s, tally)| index::Stratum { id: s.id, population: s.population, tally }).collect()
    };
    let agencies: Vec<index::Agency<'_>> = frame
        .agencies
        .iter()
        .map(|agency| index::Agency {
            id: agency.id,
            strata: strata_of(agency.id),
            left_out: LeftOut { incomplete: sum(agency.id, None, Standing::Incomplete).n(), ..LeftOut::default() },
        })
        .collect();
    let results = index::agencies(&round.shape, &round.method, &agencies);
    let members: Vec<_> = agencies.iter().zip(&results).collect();
    let city = index::group(&round.shape, &round.method, &members);
    let mut city_json = figures(&round.questionnaire, &city.pooled_by_n);
    city_json["mean_of_units"] = figure(&city.mean_of_units);
    let agencies: Vec<Value> = frame
        .agencies
        .iter()
        .zip(&results)
        .map(|(agency, result)| {
            let mut line = figures(&round.questionnaire, &result.figures);
            line["agency"] = agency.code.clone().into();
            line
        })
        .collect();
    let mut report = json!({ "city": city_json, "agencies": agencies });
    if let Some(design) = &city.design {
        report["city"]["rule"] = if city.own_variance { "direct".into() } else { "pooled".into() };
        let questionnaire = &round.questionnaire;
        let factors = questionnaire.factors.iter().map(|f| f.code.clone()).zip(design.factors.iter().copied());
        let criteria = questionnaire.criteria().map(|(_, c)| c.code.clone()).zip(design.criteria.iter().copied());
        report["design_ratio"] = json!({
            "overall": design.mean_of_factors,
            "factors": factors.collect::<std::collections::BTreeMap<_, _>>(),
            "criteria": criteria.collect::<std::collections::BTreeMap<_, _>>(),
        });
    }
    report
}

fn figures(questionnaire: &Questionnaire, figures: &Figures) -> Value {
    let with = |mut line: Value, more: Value| {
        for (key, value) in more.as_object().into_iter().flatten() {
            line[key] = value.clone();
        }
        line
    };
    let counted = questionnaire.factors.iter().zip(&figures.factors).filter(|(_, result)| result.counts);
    let criteria = questionnaire.criteria().zip(&figures.criteria);
    json!({
        "population": figures.population, "n": figures.n, "n_invalid": figures.left_out.total(), "df": figures.df,
        "overall": {
            "mean_of_factors": figure(&figures.overall.mean_of_factors), "pooled": figure(&figures.overall.pooled),
        },
        "factors": counted.map(|(f, r)| with(figure(&r.figure), json!({ "code": f.code }))).collect::<Vec<_>>(),
        "criteria": criteria.map(|((_, c), r)| {
            let counts = json!({ "code": c.code, "n_valid": r.n_answered, "n_satisfied": r.n_satisfied });
            with(figure(&r.figure), counts)
        }).collect::<Vec<_>>(),
    })
}

fn figure(figure: &Figure) -> Value {
    let Ok(estimate) = figure else { return json!({}) };
    let interval = estimate.interval().map(|i| [i.low, i.high]);
    let (n_eff, df) = match estimate.interval().map(|i| i.basis) {
        Some(Basis::Pooled { n_effective, df, .. }) => (Some(n_effective), Some(df)),
        Some(Basis::Direct { df, .. }) => (None, Some(df)),
        _ => (None, None),
    };
    json!({ "index": estimate.value(), "se": estimate.se(), "ci95": interval, "n_eff": n_eff, "df": df })
}

/// Both databases say of this set what the file of a method version says.
async fn both_agree(set: &str, version: u16, at_least: usize) {
    let folder = Folder::new("reference");
    for url in [folder.sqlite_url(), Postgres::shared().database_url(&format!("reference_{set}_{version}"))] {
        let store = Store::open(&url, Clock::fixed(NOW)).await.expect("the database opens");
        store.migrate().await.expect("the schema comes up");
        let frame = Frame::read(set);
        let round = frame.save(&store, version).await;
        let responses = frame.responses(set, &round);
        let n = responses.len() as u64;
        assert_eq!(store.import(responses.into_iter()).await.expect("the import lands"), n);
        let file = if version == 1 { "expected.json" } else { "expected-pooled.json" };
        agrees(set, file, &report(&store, &round, &frame).await, at_least);
        let recount = store.recount().await.expect("it runs");
        assert_eq!((recount.differences.len(), recount.responses), (0, n));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_agencies_with_one_stratum_each_agree_with_r() {
    both_agree("a", 1, 1000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_agencies_with_one_stratum_each_agree_with_r() {
    both_agree("b", 1, 1500).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strata_invalid_rows_a_census_stratum_and_a_missing_factor_agree_with_r() {
    both_agree("c", 1, 1000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pooled_intervals_of_version_2_agree_with_the_reference() {
    both_agree("a", 2, 700).await;
    both_agree("b", 2, 1000).await;
    both_agree("c", 2, 700).await;
}
