//! The form: the visit, the factors, facts, expectations, the respondent, a comment. Each part leads to the next one, and
//! one "Gửi" is at the end; who stops before may send what is there and go on within a day. Nothing is ticked before,
//! nothing is required.

use leptos::prelude::*;

use crate::components::phone::choice::{Asked, Field, Option_, choice};
use crate::components::phone::comment::comment_field;
use crate::components::phone::document::{Answers, Document, Form, Switches, document};
use crate::components::phone::fault::{Fault, fault_line, fault_summary};
use crate::components::phone::look::{Look, Place};
use crate::components::phone::scale::{Statement, scale};
use crate::components::phone::words::{Words, fill, words};
use crate::domain::answer::{Answer, Problem, Value};
use crate::domain::form::{Posted, Press, names};
use crate::domain::questionnaire::{Condition, Kind, Purpose, Question, Questionnaire};
use crate::domain::text::Text;

/// What stands above the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FormNotice {
    /// Nothing.
    #[default]
    None,
    /// What is wrong, from `posted.errors`.
    Faults,
    /// Under half answered, or stopped before the end: how many are open. Said once.
    LeftOpen(u32),
    /// Nothing; the form shows what was sent of it, and script may know of more.
    Rest,
    /// The server did not take it: what to say.
    NotTaken(String),
}

/// The form page.
#[derive(Clone, Debug)]
pub struct FormPage<'a> {
    /// Language and size.
    pub look: Look,
    /// Where.
    pub place: &'a Place,
    /// The questionnaire of the desk.
    pub questionnaire: &'a Questionnaire,
    /// What is on the form.
    pub posted: &'a Posted,
    /// Where to post, when not to the address of the page.
    pub action: Option<String>,
    /// What stands above.
    pub notice: FormNotice,
}

/// The form page as HTML.
pub fn form_page(page: &FormPage<'_>) -> String {
    let w = words(page.look.lang);
    let title = match &page.notice {
        FormNotice::None | FormNotice::Rest => w.form.to_owned(),
        FormNotice::Faults => format!("{}{}", w.error_prefix, w.form),
        FormNotice::LeftOpen(n) => fill(w.left_open, &[&n.to_string()]).trim_end_matches('.').to_owned(),
        FormNotice::NotTaken(_) => format!("{}{}", w.error_prefix, w.not_sent),
    };
    let asked = page.posted.asked || matches!(page.notice, FormNotice::LeftOpen(_));
    let main = view! {
        {page.above(w)}
        <h1>{w.form}</h1>
        <p>{w.form_intro}</p>
        {page.parts(w)}
        <p><button class="main" name=names::GO value=Press::Send.word()>{w.send}</button></p>
        {asked.then(|| view! { <input type="hidden" name=names::ASKED value="1" /> })}
    };
    let kept = page.notice != FormNotice::Rest && (!page.posted.has_no_form() || page.notice != FormNotice::None);
    document(
        Document {
            look: page.look,
            title,
            place: Some(page.place),
            switches: Switches::Buttons,
            form: Form::Answers(Answers { action: page.action.clone(), kept, parts: true, ..Answers::default() }),
        },
        main,
    )
}

/// One part of the form.
struct Part {
    heading: String,
    /// How the part before leads to it.
    next: String,
    /// When it is asked, for script.
    asked_when: Option<String>,
    wrong: bool,
    body: AnyView,
}

impl FormPage<'_> {
    fn say(&self, text: &Text) -> String {
        text.get(self.look.lang).to_owned()
    }

    fn fault(&self, field: &str) -> Option<String> {
        self.posted.problem(field).map(|p| describe(words(self.look.lang), field, p))
    }

    fn above(&self, w: &'static Words) -> Option<AnyView> {
        match &self.notice {
            FormNotice::None | FormNotice::Rest => None,
            FormNotice::Faults => {
                let faults = self.posted.errors.iter().map(|error| Fault {
                    anchor: self.anchor(&error.field),
                    text: [self.part_of(&error.field), Some(describe(w, &error.field, &error.problem))]
                        .into_iter()
                        .flatten()
                        .collect::<Vec<_>>()
                        .join(": "),
                });
                Some(fault_summary(w.not_sent, faults.collect()).into_any())
            }
            FormNotice::LeftOpen(n) => {
                let first = self.first_open().map(|code| format!("#c-{code}"));
                let notice = view! {
                    <div class="notice" role="alert">
                        <h2>{fill(w.left_open, &[&n.to_string()])}</h2>
                        <p><a class="plain" href=first>{w.go_on}</a></p>
                        <p><button class="main" name=names::GO value=Press::Stop.word()>{w.stop}</button></p>
                    </div>
                };
                Some(notice.into_any())
            }
            FormNotice::NotTaken(words) => {
                let notice = view! {
                    <div class="notice wrong" role="alert">
                        <p>{words.clone()}</p>
                        <button class="main" name=names::GO value=Press::Send.word()>{w.send_again}</button>
                    </div>
                };
                Some(notice.into_any())
            }
        }
    }

    fn anchor(&self, field: &str) -> Option<String> {
        if field == names::COMMENT {
            return Some(field.to_owned());
        }
        let known =
            self.questionnaire.criterion_index(field).is_some() || self.questionnaire.question_index(field).is_some();
        known.then(|| format!("c-{field}"))
    }

    /// Where a field stands: "Câu 6/22" of a criterion, the part of a question.
    fn part_of(&self, field: &str) -> Option<String> {
        let w = words(self.look.lang);
        let question = self.questionnaire.questions.iter().find(|q| q.code == field);
        let part = question.and_then(|question| match question.purpose {
            Purpose::Visit | Purpose::RespondentType => Some(w.part_visit),
            Purpose::Fact => Some(w.part_facts),
            Purpose::Expectation => Some(w.part_wishes),
            Purpose::Respondent => Some(w.part_person),
            Purpose::Gate => None,
        });
        self.counter(field).or_else(|| part.map(str::to_owned))
    }

    /// "Câu 6/22" of a criterion.
    fn counter(&self, code: &str) -> Option<String> {
        let number = self.questionnaire.criterion_index(code)? + 1;
        let w = words(self.look.lang);
        Some(fill(w.question_of, &[&number.to_string(), &self.questionnaire.n_criteria().to_string()]))
    }

    /// The first statement that is asked and open.
    fn first_open(&self) -> Option<&str> {
        let (q, sheet) = (self.questionnaire, &self.posted.sheet);
        q.criteria()
            .zip(&sheet.answers)
            .find(|((factor, criterion), answer)| {
                let factor = q.factors.get(*factor);
                **answer == Answer::Blank
                    && factor.is_some_and(|f| !f.optional && sheet.asks(q, f.asked_when.as_ref()))
                    && sheet.asks(q, criterion.asked_when.as_ref())
            })
            .map(|((_, criterion), _)| criterion.code.as_str())
    }

    /// The parts in order, each with the way to the next one.
    fn parts(&self, w: &'static Words) -> impl IntoView + use<> {
        let one = |heading, purposes: &[Purpose], hint| self.part(w, heading, purposes, hint);
        let visit = one(w.part_visit, &[Purpose::Visit, Purpose::RespondentType], None);
        let after = [
            one(w.part_facts, &[Purpose::Fact], None),
            one(w.part_wishes, &[Purpose::Expectation], None),
            one(w.part_person, &[Purpose::Respondent], Some(w.person_hint)),
            self.comment(w),
        ];
        let parts: Vec<Part> = visit.into_iter().chain(self.factors(w)).chain(after.into_iter().flatten()).collect();
        let names: Vec<String> = parts.iter().skip(1).map(|part| part.next.clone()).collect();
        let section = |(at, part): (usize, Part)| {
            let next = names.get(at).map(|name| {
                view! {
                    <p><a class="plain" href=format!("#p{}", at + 1)>{name.clone()}</a></p>
                    <p><button class="link" name=names::GO value=Press::Stop.word()>{w.stop}</button></p>
                }
            });
            view! {
                <section id=format!("p{at}") class=part.wrong.then_some("wrong") data-if=part.asked_when>
                    <h2>{part.heading}</h2>
                    {part.body}
                    {next}
                </section>
            }
        };
        parts.into_iter().enumerate().map(section).collect_view()
    }

    /// One part of questions, none where the questionnaire has none of these purposes.
    fn part(
        &self,
        w: &'static Words,
        heading: &'static str,
        purposes: &[Purpose],
        hint: Option<&'static str>,
    ) -> Option<Part> {
        let questions: Vec<_> = purposes.iter().flat_map(|p| self.questionnaire.questions_for(*p)).collect();
        if questions.is_empty() {
            return None;
        }
        let fieldsets = questions.into_iter().map(|(index, question)| self.question(index, question)).collect_view();
        let body = view! {
            {hint.map(|hint| view! { <p class="hint">{hint}</p> })}
            {fieldsets}
        };
        Some(Part {
            heading: heading.to_owned(),
            next: fill(w.next, &[heading]),
            asked_when: None,
            wrong: false,
            body: body.into_any(),
        })
    }

    fn factors(&self, w: &'static Words) -> Vec<Part> {
        let labels: Vec<String> = self.questionnaire.scale.labels.iter().map(|l| self.say(l)).collect();
        let not_applicable = self.say(&self.questionnaire.scale.not_applicable);
        let first_open = self.first_open().filter(|_| matches!(self.notice, FormNotice::LeftOpen(_)));
        let mut answers = self.posted.sheet.answers.iter().copied();
        let mut parts = Vec::with_capacity(self.questionnaire.factors.len());
        for factor in &self.questionnaire.factors {
            let mut statements = Vec::with_capacity(factor.criteria.len());
            for criterion in &factor.criteria {
                let gates = self.questionnaire.questions_for(Purpose::Gate);
                let gates = gates.filter(|(_, q)| q.before.as_deref() == Some(&criterion.code));
                let gates = gates.map(|(index, gate)| self.question(index, gate)).collect_view();
                let fault = self.fault(&criterion.code);
                let statement = Statement {
                    anchor: fault.is_some() || first_open == Some(&criterion.code),
                    code: criterion.code.clone(),
                    counter: self.counter(&criterion.code).unwrap_or_default(),
                    lead: criterion.lead.as_ref().map(|lead| self.say(lead)),
                    text: self.say(&criterion.text),
                    asked_when: criterion.asked_when.as_ref().map(condition),
                    answer: answers.next().unwrap_or_default(),
                    fault,
                };
                statements.push(view! { {gates} {scale(statement, &labels, &not_applicable)} });
            }
            let body = view! {
                {factor.lead.as_ref().map(|lead| view! { <p>{self.say(lead)}</p> })}
                {statements}
            };
            parts.push(Part {
                heading: format!("{}. {}", factor.code, self.say(&factor.name)),
                next: fill(w.next_part, &[&factor.code]),
                asked_when: factor.asked_when.as_ref().map(condition),
                wrong: false,
                body: body.into_any(),
            });
        }
        parts
    }

    fn question(&self, index: usize, question: &Question) -> impl IntoView + use<> {
        let w = words(self.look.lang);
        let value = self.posted.sheet.values.get(index).copied().unwrap_or_default();
        let options = |chosen: &dyn Fn(usize) -> bool| {
            let option = |(i, o): (usize, &crate::domain::questionnaire::Choice)| Option_ {
                code: o.code.clone(),
                text: self.say(&o.text),
                chosen: chosen(i),
            };
            question.options().iter().enumerate().map(option).collect()
        };
        let (field, hint) = match &question.kind {
            Kind::Single { .. } => {
                (Field::Single(options(&|i| matches!(value, Value::Single(v) if usize::from(v) == i))), None)
            }
            Kind::Multiple { most, options: all } => {
                let field = Field::Multiple(options(&|i| matches!(value, Value::Multiple(bits) if bits >> i & 1 == 1)));
                let limited = usize::from(*most) < all.len();
                (field, limited.then(|| fill(w.at_most, &[&most.to_string()])))
            }
            Kind::Number { min, max, unit } => {
                let typed = self.posted.typed_numbers.iter().find(|(code, _)| *code == question.code);
                let typed = typed.map(|(_, typed)| typed.clone()).unwrap_or_default();
                let hint = fill(w.between, &[&min.to_string(), &max.to_string()]);
                (Field::Number { typed, unit: unit.clone() }, Some(hint))
            }
        };
        choice(Asked {
            code: question.code.clone(),
            lead: question.lead.as_ref().map(|lead| self.say(lead)),
            text: self.say(&question.text),
            hint,
            asked_when: question.asked_when.as_ref().map(condition),
            field,
            fault: self.fault(&question.code),
        })
    }

    fn comment(&self, w: &'static Words) -> Option<Part> {
        let text = self.say(self.questionnaire.comment.as_ref()?);
        let fault = self.fault(names::COMMENT);
        let wrong = fault.is_some();
        let described_by = if wrong { "h-comment e-comment" } else { "h-comment" };
        let field = comment_field(&self.posted.typed_comment, described_by.to_owned(), wrong);
        let body = view! {
            <label class="ask" for=names::COMMENT>{text}</label>
            <p class="hint" id="h-comment">{w.comment_hint}</p>
            {fault.map(|fault| fault_line(names::COMMENT, fault))}
            {field}
        };
        Some(Part {
            heading: w.part_comment.to_owned(),
            next: fill(w.next, &[w.part_comment]),
            asked_when: None,
            wrong,
            body: body.into_any(),
        })
    }
}

/// `question=option,option`, for script.
fn condition(condition: &Condition) -> String {
    format!("{}={}", condition.question, condition.any_of.join(","))
}

fn describe(w: &Words, field: &str, problem: &Problem) -> String {
    match problem {
        Problem::NothingAnswered => w.nothing_answered.to_owned(),
        Problem::UnknownField => fill(w.unknown_field, &[field]),
        Problem::ForeignValue => w.foreign_value.to_owned(),
        Problem::TooManyChoices { most } => fill(w.too_many, &[&most.to_string()]),
        Problem::OutOfRange { min, max } => fill(w.out_of_range, &[&min.to_string(), &max.to_string()]),
        Problem::TooLong { most } => fill(w.too_long, &[&most.to_string()]),
        Problem::ControlCharacter => w.control.to_owned(),
    }
}
