//! The source files, parsed, each with the module it is and whether only tests compile it.

use std::collections::BTreeSet;
use std::path::Path;

use syn::visit::{self, Visit};

/// One parsed file.
pub struct Source {
    /// Path below the root, with `/`.
    pub path: String,
    /// Module path without `crate`; empty for `lib.rs`.
    pub module: Vec<String>,
    /// Number of lines.
    pub lines: usize,
    /// The syntax tree.
    pub file: syn::File,
    /// Whether a parent declares it under `#[cfg(test)]`.
    pub test: bool,
}

/// Parses every `.rs` file below `root`.
pub fn read(root: &Path) -> Vec<Source> {
    let mut files = Vec::new();
    collect(root, root, &mut files);
    assert!(!files.is_empty(), "no source file below {}", root.display());
    files.sort();
    parse(files.iter().map(|(path, text)| (path.as_str(), text.as_str())))
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap().components();
            let name: Vec<_> = name.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
            files.push((name.join("/"), std::fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Parses files given as path and text.
pub fn parse<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Source> {
    let mut sources: Vec<Source> = files
        .map(|(path, text)| Source {
            path: path.to_owned(),
            module: module_of(path),
            lines: text.lines().count(),
            file: syn::parse_file(text).unwrap_or_else(|error| panic!("{path} does not parse: {error}")),
            test: false,
        })
        .collect();
    let roots: BTreeSet<String> = sources.iter().flat_map(test_roots).collect();
    for source in &mut sources {
        source.test = roots.iter().any(|root| is_below(&source.path, root));
    }
    sources
}

fn module_of(path: &str) -> Vec<String> {
    let mut module: Vec<String> = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| last == "mod" || last == "lib") {
        module.pop();
    }
    module
}

/// Whether `path` is the module file at `root` (a path without `.rs`) or one of its children.
fn is_below(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

/// Module files that this file declares under `#[cfg(test)]`, without `.rs`.
fn test_roots(source: &Source) -> Vec<String> {
    let (folder, name) = source.path.rsplit_once('/').unwrap_or(("", &source.path));
    let own = match name {
        "mod.rs" | "lib.rs" | "main.rs" => folder.to_owned(),
        other => join(folder, other.trim_end_matches(".rs")),
    };
    let mut finder = Roots { folder: folder.to_owned(), inside: vec![own], depth: 0, found: Vec::new() };
    finder.visit_file(&source.file);
    finder.found
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

struct Roots {
    folder: String,
    inside: Vec<String>,
    depth: usize,
    found: Vec<String>,
}

impl<'ast> Visit<'ast> for Roots {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let here = self.inside.last().cloned().unwrap_or_default();
        let child = join(&here, &item.ident.to_string());
        if item.content.is_some() {
            self.inside.push(child);
            self.depth += 1;
            visit::visit_item_mod(self, item);
            self.depth -= 1;
            self.inside.pop();
        } else if is_test(&item.attrs) {
            let base = if self.depth == 0 { &self.folder } else { &here };
            let named = path_attribute(&item.attrs).map(|path| join(base, path.trim_end_matches(".rs")));
            self.found.push(named.unwrap_or(child));
        }
    }
}

fn path_attribute(attrs: &[syn::Attribute]) -> Option<String> {
    attrs.iter().find_map(|attr| match &attr.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    })
}

/// Whether the item exists only under `cfg(test)`.
pub fn is_test(attrs: &[syn::Attribute]) -> bool {
    attrs.iter().any(|attr| match &attr.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => {
            let text: String = list.tokens.to_string().split_whitespace().collect();
            text == "test" || text.starts_with("all(test,") || text.ends_with(",test)") && text.starts_with("all(")
        }
        _ => false,
    })
}
