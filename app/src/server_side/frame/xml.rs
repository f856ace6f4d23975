//! The parts of a workbook as a stream of tags and texts, each of bounded size.
//!
//! Reads what spreadsheet programs write: no document type, no entities but those of XML itself. A general reader collects
//! a text or a comment of any size before it hands it out; here one that is longer than [`limits::XML_TOKEN_BYTES`] is
//! refused while it is read.

use std::io::Read;

use crate::domain::limits;

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A tag opens: [`Xml::name`], [`Xml::attribute`].
    Open,
    /// A tag closes: [`Xml::name`].
    Close,
    /// [`Xml::text`].
    Text,
    /// Nothing more.
    End,
}

/// It is no XML, too long in one piece, or could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotXml;

/// A reader of tags and texts.
pub(super) struct Xml<R> {
    input: R,
    buffer: Box<[u8]>,
    at: usize,
    end: usize,
    /// The tag between its brackets.
    tag: Vec<u8>,
    text: Vec<u8>,
    words: String,
    /// A text came before this tag, whose bracket was read.
    in_tag: bool,
    /// A tag that closes itself is told as two.
    closes: bool,
    /// Document types and the like are passed over.
    lenient: bool,
}

impl<R: Read> Xml<R> {
    pub(super) fn new(input: R) -> Self {
        let buffer = vec![0; 16 * 1024].into_boxed_slice();
        Self {
            input,
            buffer,
            at: 0,
            end: 0,
            tag: Vec::new(),
            text: Vec::new(),
            words: String::new(),
            in_tag: false,
            closes: false,
            lenient: false,
        }
    }

    /// For pages: a document type is passed over. Entities that it defines are not unfolded.
    pub(super) fn lenient(input: R) -> Self {
        Self { lenient: true, ..Self::new(input) }
    }

    /// The name of the tag, without the prefix of its namespace.
    pub(super) fn name(&self) -> &[u8] {
        let tag = self.tag.strip_prefix(b"/").unwrap_or(&self.tag);
        let end = tag.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'/').unwrap_or(tag.len());
        let name = &tag[..end];
        name.iter().position(|byte| *byte == b':').map_or(name, |colon| &name[colon + 1..])
    }

    /// An attribute of the tag, by its name with or without a prefix.
    pub(super) fn attribute(&self, wanted: &str) -> Option<String> {
        let mut rest = self.tag.as_slice();
        loop {
            let sign = rest.iter().position(|byte| *byte == b'=')?;
            let name = rest.get(..sign)?.trim_ascii_end();
            let begin = name.iter().rposition(u8::is_ascii_whitespace).map_or(0, |at| at + 1);
            let name = name.get(begin..)?;
            let name = name.iter().position(|byte| *byte == b':').map_or(name, |colon| &name[colon + 1..]);
            let value = rest.get(sign + 1..)?.trim_ascii_start();
            let quote = *value.first().filter(|quote| matches!(quote, b'"' | b'\''))?;
            let value = value.get(1..)?;
            let close = value.iter().position(|byte| *byte == quote)?;
            if name == wanted.as_bytes() {
                let mut words = String::new();
                decode(value.get(..close)?, &mut words);
                return Some(words);
            }
            rest = value.get(close + 1..)?;
        }
    }

    /// The text.
    pub(super) fn text(&self) -> &str {
        &self.words
    }

    /// Goes on.
    pub(super) fn next(&mut self) -> Result<Token, NotXml> {
        if self.closes {
            self.closes = false;
            return Ok(Token::Close);
        }
        loop {
            if !self.in_tag {
                self.text.clear();
                loop {
                    match self.byte()? {
                        None if self.text.is_empty() => return Ok(Token::End),
                        None => break,
                        Some(b'<') => {
                            self.in_tag = true;
                            break;
                        }
                        Some(byte) => push(&mut self.text, byte)?,
                    }
                }
                if !self.text.is_empty() {
                    self.words.clear();
                    decode(&self.text, &mut self.words);
                    return Ok(Token::Text);
                }
            }
            self.in_tag = false;
            if let Some(token) = self.read_tag()? {
                return Ok(token);
            }
        }
    }

    /// What is between the brackets; nothing for a comment or an instruction, which are left out.
    fn read_tag(&mut self) -> Result<Option<Token>, NotXml> {
        self.tag.clear();
        let mut quote = None;
        loop {
            let byte = self.byte()?.ok_or(NotXml)?;
            match (quote, byte) {
                (None, b'>') => break,
                (None, b'"' | b'\'') if !self.tag.starts_with(b"?") => quote = Some(byte),
                (Some(open), _) if open == byte => quote = None,
                _ => {}
            }
            push(&mut self.tag, byte)?;
            match self.tag.as_slice() {
                b"!--" => {
                    self.skip(b"-->", false)?;
                    return Ok(None);
                }
                b"![CDATA[" => {
                    self.skip(b"]]>", true)?;
                    self.words.clear();
                    self.words.push_str(&String::from_utf8_lossy(&self.text));
                    return Ok(Some(Token::Text));
                }
                _ => {}
            }
        }
        match self.tag.first() {
            Some(b'?') => Ok(None),
            Some(b'/') => Ok(Some(Token::Close)),
            // A document type may define entities that unfold without end.
            Some(b'!') | None if self.lenient => Ok(None),
            Some(b'!') | None => Err(NotXml),
            Some(_) => {
                self.closes = self.tag.ends_with(b"/");
                Ok(Some(Token::Open))
            }
        }
    }

    /// Up to the three bytes that end it; kept as a text where asked for.
    fn skip(&mut self, end: &[u8; 3], keep: bool) -> Result<(), NotXml> {
        let mut last = [0; 3];
        self.text.clear();
        while last != *end {
            let byte = self.byte()?.ok_or(NotXml)?;
            last = [last[1], last[2], byte];
            if keep {
                push(&mut self.text, byte)?;
            }
        }
        self.text.truncate(self.text.len().saturating_sub(3));
        Ok(())
    }

    fn byte(&mut self) -> Result<Option<u8>, NotXml> {
        if self.at == self.end {
            self.end = self.input.read(&mut self.buffer).map_err(|_| NotXml)?;
            self.at = 0;
        }
        let byte = self.buffer.get(self.at..self.end).and_then(|rest| rest.first().copied());
        self.at += usize::from(byte.is_some());
        Ok(byte)
    }
}

fn push(into: &mut Vec<u8>, byte: u8) -> Result<(), NotXml> {
    if into.len() >= limits::XML_TOKEN_BYTES {
        return Err(NotXml);
    }
    into.push(byte);
    Ok(())
}

/// Text with the entities of XML put in; an unknown one stays as it is.
fn decode(raw: &[u8], into: &mut String) {
    let raw = String::from_utf8_lossy(raw);
    let mut rest = raw.as_ref();
    while let Some((before, after)) = rest.split_once('&') {
        into.push_str(before);
        let entity = after.split_once(';').filter(|(name, _)| name.len() <= 10);
        let sign = entity.and_then(|(name, _)| match name {
            "lt" => Some('<'),
            "gt" => Some('>'),
            "amp" => Some('&'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => {
                let digits = name.strip_prefix('#')?;
                let code = match digits.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => digits.parse().ok()?,
                };
                char::from_u32(code)
            }
        });
        match (sign, entity) {
            (Some(sign), Some((_, after))) => {
                into.push(sign);
                rest = after;
            }
            _ => {
                into.push('&');
                rest = after;
            }
        }
    }
    into.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(xml: &str) -> Result<Vec<String>, NotXml> {
        let (mut reader, mut told) = (Xml::new(xml.as_bytes()), Vec::new());
        loop {
            let name = |reader: &Xml<&[u8]>| String::from_utf8_lossy(reader.name()).into_owned();
            match reader.next()? {
                Token::Open => told.push(format!("<{} {}", name(&reader), reader.attribute("r").unwrap_or_default())),
                Token::Close => told.push(format!(">{}", name(&reader))),
                Token::Text => told.push(reader.text().to_owned()),
                Token::End => return Ok(told),
            }
        }
    }

    #[test]
    fn tags_and_texts_are_told_in_order() {
        let xml = "<?xml version='1.0'?><x:a xmlns:x=\"u>v\" r = 'A1'><!-- <b> > --><b r=\"1&amp;2\"/>T&#7889; &lt;\
                   <![CDATA[<c>&amp;]]></x:a>";
        assert_eq!(told(xml).expect("XML"), ["<a A1", "<b 1&2", ">b", "Tố <", "<c>&amp;", ">a"]);
        assert_eq!(told("&unknown; & <a/>").expect("XML"), ["&unknown; & ", "<a ", ">a"]);
    }

    #[test]
    fn what_grows_without_end_is_refused_while_it_is_read() {
        assert_eq!(told("<!DOCTYPE a [<!ENTITY b \"bbbb\">]><a>&b;</a>"), Err(NotXml));
        let long = "x".repeat(limits::XML_TOKEN_BYTES + 1);
        assert_eq!(told(&long), Err(NotXml));
        assert_eq!(told(&format!("<{long}>")), Err(NotXml));
        assert_eq!(told(&format!("<a><![CDATA[{long}]]></a>")), Err(NotXml));
        assert_eq!(told("<a"), Err(NotXml));
        // A comment is passed over, however long.
        assert_eq!(told(&format!("<!--{long}-->")), Ok(vec![]));
    }
}
