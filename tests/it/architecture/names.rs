//! Every path that code outside of tests names: `use` trees, paths in types and expressions, and, textually, macros.

use std::collections::BTreeMap;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::source::{Source, is_test};

/// A path as far as a file's own `use` items resolve it. The crate itself is the first segment `crate`; a macro's last
/// segment ends with `!`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub path: Vec<String>,
    pub line: usize,
    /// Named by a `use` item.
    pub import: bool,
}

/// What a file names outside of tests.
pub fn names(source: &Source) -> Vec<Name> {
    if source.test {
        return Vec::new();
    }
    let mut uses = Uses { module: source.module.clone(), found: Vec::new() };
    uses.visit_file(&source.file);
    let mut aliases: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    for used in &uses.found {
        aliases.entry(used.alias.clone()).or_default().push(used.name.path.clone());
    }
    let mut paths = Paths { module: source.module.clone(), aliases, found: Vec::new() };
    paths.visit_file(&source.file);
    uses.found.into_iter().map(|used| used.name).chain(paths.found).collect()
}

struct Used {
    alias: String,
    name: Name,
}

/// First pass: the leaves of `use` trees.
struct Uses {
    module: Vec<String>,
    found: Vec<Used>,
}

impl Uses {
    fn walk(&mut self, prefix: &[String], tree: &syn::UseTree) {
        let line = tree.span().start().line;
        let mut leaf = |alias: String, path: Vec<String>| {
            let path = absolute(&self.module, path);
            self.found.push(Used { alias, name: Name { path, line, import: true } });
        };
        let with = |ident: &syn::Ident| {
            let mut path = prefix.to_vec();
            // `use a::{self}` names `a`; a leading `self` is resolved later.
            if ident != "self" || path.is_empty() {
                path.push(ident.to_string());
            }
            path
        };
        match tree {
            syn::UseTree::Path(inner) => self.walk(&with(&inner.ident), &inner.tree),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.walk(prefix, item)),
            syn::UseTree::Glob(_) => leaf("*".to_owned(), prefix.to_vec()),
            syn::UseTree::Rename(inner) => leaf(inner.rename.to_string(), with(&inner.ident)),
            syn::UseTree::Name(inner) => {
                let path = with(&inner.ident);
                leaf(path.last().cloned().unwrap_or_default(), path);
            }
        }
    }
}

impl<'ast> Visit<'ast> for Uses {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.walk(&[], &item.tree);
    }
}

/// Second pass: paths in code, with the aliases of the first.
struct Paths {
    module: Vec<String>,
    aliases: BTreeMap<String, Vec<Vec<String>>>,
    found: Vec<Name>,
}

impl Paths {
    fn add(&mut self, path: &[String], line: usize) {
        let Some((first, rest)) = path.split_first() else { return };
        match self.aliases.get(first.trim_end_matches('!')) {
            Some(meanings) => {
                let macro_mark = if rest.is_empty() && first.ends_with('!') { "!" } else { "" };
                for meaning in meanings {
                    let mut path = meaning.clone();
                    path.extend(rest.iter().cloned());
                    if let Some(last) = path.last_mut() {
                        last.push_str(macro_mark);
                    }
                    self.found.push(Name { path, line, import: false });
                }
            }
            None => self.found.push(Name { path: absolute(&self.module, path.to_vec()), line, import: false }),
        }
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.add(&segments, path.span().start().line);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        let line = item.path.span().start().line;
        let mut path: Vec<String> = item.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if let Some(last) = path.last_mut() {
            last.push('!');
        }
        self.add(&path, line);
        for path in textual(&item.tokens.to_string()) {
            self.add(&path, line);
        }
    }
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// `crate`, `self` and `super` made absolute; the binary's name for the library is the crate.
fn absolute(module: &[String], path: Vec<String>) -> Vec<String> {
    let root = || vec!["crate".to_owned()];
    match path.first().map(String::as_str) {
        Some("eks_wizard") => root().into_iter().chain(path.into_iter().skip(1)).collect(),
        Some("self") => root().into_iter().chain(module.iter().cloned()).chain(path.into_iter().skip(1)).collect(),
        Some("super") => {
            let ups = path.iter().take_while(|segment| *segment == "super").count();
            let base = module.len().saturating_sub(ups);
            root().into_iter().chain(module[..base].iter().cloned()).chain(path.into_iter().skip(ups)).collect()
        }
        _ => path,
    }
}

/// Paths in the text of a macro's tokens; string literals are skipped.
fn textual(tokens: &str) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    let mut joined = false;
    let mut chars = tokens.chars().peekable();
    while let Some(next) = chars.next() {
        match next {
            '"' => {
                while let Some(inside) = chars.next() {
                    match inside {
                        '\\' => drop(chars.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            ':' if chars.peek() == Some(&':') => {
                chars.next();
                joined = true;
            }
            '!' => {
                if let Some(last) = found.last_mut().and_then(|path| path.last_mut()) {
                    last.push('!');
                }
            }
            letter if letter.is_alphabetic() || letter == '_' => {
                let mut word = letter.to_string();
                while let Some(more) = chars.next_if(|next| next.is_alphanumeric() || *next == '_') {
                    word.push(more);
                }
                match found.last_mut() {
                    Some(path) if joined => path.push(word),
                    _ => found.push(vec![word]),
                }
                joined = false;
            }
            space if space.is_whitespace() => {}
            _ => {
                joined = false;
                // Anything else ends a path: what follows is a new one, and a `!` there marks no macro.
                found.push(Vec::new());
            }
        }
    }
    found.retain(|path| !path.is_empty());
    found
}
