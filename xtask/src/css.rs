//! The style sheets: plain CSS files, put together in the order of `style/main.css` and without what only people read.

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;

/// `style/MAIN` with each `@import "name.css" [layer(layer)];` replaced by that file, minified. Nothing where
/// there is no such file.
pub(crate) fn bundle(style: &Path, name: &str) -> Result<Option<String>> {
    let main = style.join(name);
    if !main.is_file() {
        return Ok(None);
    }
    let mut sheet = String::new();
    for (number, line) in fs::read_to_string(&main)?.lines().enumerate() {
        let Some(import) = line.trim().strip_prefix("@import ") else {
            sheet.push_str(line);
            sheet.push('\n');
            continue;
        };
        let at = || format!("style/{name}:{}: {line}", number + 1);
        let mut quoted = import.split('"');
        let (Some(_), Some(file), Some(rest)) = (quoted.next(), quoted.next(), quoted.next()) else {
            bail!("{}: write @import \"name.css\" layer(name);", at());
        };
        let text = fs::read_to_string(style.join(file)).with_context(at)?;
        match rest.split_once("layer(").and_then(|(_, layer)| layer.split_once(')')) {
            Some((layer, _)) => sheet.push_str(&format!("@layer {layer} {{\n{text}\n}}\n")),
            None => sheet.push_str(&format!("{text}\n")),
        }
    }
    Ok(Some(minify(&sheet)))
}

/// Leaves out comments and the white space that no rule needs. Strings stay as they are.
fn minify(sheet: &str) -> String {
    let mut small = String::with_capacity(sheet.len());
    let mut rest = sheet;
    let mut space = false;
    while let Some(next) = rest.chars().next() {
        if rest.starts_with("/*") {
            rest = rest.split_once("*/").map_or("", |(_, after)| after);
            space = true;
        } else if next.is_whitespace() {
            rest = rest.trim_start();
            space = true;
        } else if next == '"' || next == '\'' {
            push_space(&mut small, &mut space, next);
            let end = string_end(rest, next);
            small.push_str(&rest[..end]);
            rest = &rest[end..];
        } else {
            push_space(&mut small, &mut space, next);
            if next == '}' && small.ends_with(';') {
                small.pop();
            }
            small.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    small
}

/// Around these no space is needed. Not among them: `+ - * /` in `calc()`, `:` and `(`, before which a space means
/// "descendant" or "and", and `)` and `.`.
fn push_space(small: &mut String, space: &mut bool, next: char) {
    let needless_before = matches!(next, '{' | '}' | ';' | ',' | '>' | ')');
    let needless_after = small.is_empty() || small.ends_with(['{', '}', ';', ',', '>', '(', ':']);
    if std::mem::take(space) && !needless_before && !needless_after {
        small.push(' ');
    }
}

/// The length of the string that `text` begins with, quotes included.
fn string_end(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, each) in text.char_indices().skip(1) {
        match each {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if each == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::minify;

    #[test]
    fn comments_and_needless_space_go_and_meaning_stays() {
        let sheet =
            "/* head */\n.a > .b ,\n.c :hover {\n  margin: calc(1rem + 2px) auto;\n  content: \"/* kept;  } */\";\n}\n";
        let small = ".a>.b,.c :hover{margin:calc(1rem + 2px) auto;content:\"/* kept;  } */\"}";
        assert_eq!(minify(sheet), small);
        assert_eq!(minify(small), small);
    }

    #[test]
    fn conditions_keep_their_spaces() {
        let sheet = "@media (min-width: 40em) and (color) { .a:not(.b) .c { color: red } }";
        assert_eq!(minify(sheet), "@media (min-width:40em) and (color){.a:not(.b) .c{color:red}}");
    }

    #[test]
    fn an_escaped_quote_does_not_end_a_string() {
        assert_eq!(minify("a { content: '\\'  x' ; }"), "a{content:'\\'  x'}");
    }
}
