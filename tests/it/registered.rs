//! A file that no `mod` names is compiled by nobody and its tests never run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Every file that is reached from `file` by `mod name;`, `file` included.
fn reached(file: &Path, found: &mut BTreeSet<PathBuf>) {
    found.insert(file.to_path_buf());
    let text = std::fs::read_to_string(file).unwrap();
    let stem = file.file_stem().unwrap();
    let folder = file.parent().unwrap();
    let own = if stem == "main" || stem == "mod" { folder.to_path_buf() } else { folder.join(stem) };
    for item in syn::parse_file(&text).unwrap().items {
        let syn::Item::Mod(syn::ItemMod { ident, content: None, .. }) = item else { continue };
        let flat = own.join(format!("{ident}.rs"));
        let next = if flat.exists() { flat } else { own.join(ident.to_string()).join("mod.rs") };
        reached(&next, found);
    }
}

fn files(folder: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.insert(path);
        }
    }
}

fn unregistered(main: &Path) -> Vec<PathBuf> {
    let (mut named, mut there) = (BTreeSet::new(), BTreeSet::new());
    reached(main, &mut named);
    files(main.parent().unwrap(), &mut there);
    there.difference(&named).cloned().collect()
}

#[test]
fn every_file_of_each_test_binary_is_registered() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut binaries = 0;
    for entry in std::fs::read_dir(&tests).unwrap() {
        let main = entry.unwrap().path().join("main.rs");
        if main.exists() {
            binaries += 1;
            assert_eq!(unregistered(&main), Vec::<PathBuf>::new(), "files without a `mod` in {}", main.display());
        }
    }
    assert!(binaries >= 1);
}

#[test]
fn every_test_binary_is_in_the_manifest() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest: toml::Table = std::fs::read_to_string(root.join("Cargo.toml")).unwrap().parse().unwrap();
    let named: BTreeSet<String> =
        manifest["test"].as_array().unwrap().iter().map(|test| test["path"].as_str().unwrap().to_owned()).collect();
    for entry in std::fs::read_dir(root.join("tests")).unwrap() {
        let folder = entry.unwrap().path();
        if folder.join("main.rs").exists() {
            let path = format!("tests/{}/main.rs", folder.file_name().unwrap().to_string_lossy());
            assert!(named.contains(&path), "{path} is not a [[test]] of Cargo.toml, so cargo test does not run it");
        }
    }
}

#[test]
fn a_file_without_a_mod_is_found() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("main.rs"), "mod named;").unwrap();
    std::fs::write(folder.path().join("named.rs"), "").unwrap();
    assert_eq!(unregistered(&folder.path().join("main.rs")), Vec::<PathBuf>::new());
    std::fs::write(folder.path().join("forgotten.rs"), "").unwrap();
    assert_eq!(unregistered(&folder.path().join("main.rs")), [folder.path().join("forgotten.rs")]);
}
