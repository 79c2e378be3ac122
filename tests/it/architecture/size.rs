//! How big files, functions and structs are, and which lints are silenced. Tests count too.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::rules::Violation;
use super::source::Source;

/// Lines of a file.
const FILE: usize = 400;
/// Lines of a function, from its signature to its closing brace.
const FUNCTION: usize = 80;
/// Fields of a struct.
const FIELDS: usize = 12;

/// What is too big in a file, and every `#[allow]`.
pub fn check(source: &Source) -> Vec<Violation> {
    let mut sizes = Sizes { path: &source.path, found: Vec::new(), functions: Vec::new() };
    if source.lines > FILE {
        sizes.add("file size", 1, format!("{} lines, more than {FILE}", source.lines));
    }
    sizes.visit_file(&source.file);
    sizes.found
}

/// Lines of every function of a file.
pub fn functions(source: &Source) -> Vec<usize> {
    let mut sizes = Sizes { path: &source.path, found: Vec::new(), functions: Vec::new() };
    sizes.visit_file(&source.file);
    sizes.functions
}

struct Sizes<'a> {
    path: &'a str,
    found: Vec<Violation>,
    functions: Vec<usize>,
}

impl Sizes<'_> {
    fn add(&mut self, rule: &'static str, line: usize, what: String) {
        self.found.push(Violation { rule, file: self.path.to_owned(), line, what });
    }

    fn function(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let first = signature.span().start().line;
        let lines = block.span().end().line - first + 1;
        self.functions.push(lines);
        if lines > FUNCTION {
            self.add("function size", first, format!("{} has {lines} lines, more than {FUNCTION}", signature.ident));
        }
    }
}

impl<'ast> Visit<'ast> for Sizes<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.function(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        if item.fields.len() > FIELDS {
            let what = format!("{} has {} fields, more than {FIELDS}", item.ident, item.fields.len());
            self.add("struct size", item.ident.span().start().line, what);
        }
        visit::visit_item_struct(self, item);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        let silenced = match &attribute.meta {
            syn::Meta::List(list) if list.path.is_ident("allow") => true,
            syn::Meta::List(list) if list.path.is_ident("cfg_attr") => list.tokens.to_string().contains("allow"),
            _ => false,
        };
        if silenced {
            self.add("allow", attribute.span().start().line, "use #[expect(…, reason)]".to_owned());
        }
    }
}
