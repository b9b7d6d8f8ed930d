//! Dependencies point inward, and the page that says so names what exists.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};

use crate::tree;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layer {
    Domain,
    Ports,
    UseCase,
    Testkit,
    Adapter,
    Transport,
    Binary,
}

use Layer::{Adapter, Binary, Domain, Ports, Testkit, Transport, UseCase};

/// What no crate inside may bring along, not even through another crate.
const OUTSIDE: [&str; 23] = [
    "async-std",
    "aws-lc-rs",
    "axum",
    "deadpool-postgres",
    "getrandom",
    "hyper",
    "jsonwebtoken",
    "lettre",
    "libsqlite3-sys",
    "png",
    "rand",
    "redis",
    "reqwest",
    "ring",
    "rusqlite",
    "rustls",
    "smol",
    "sqlx",
    "tokio",
    "tokio-postgres",
    "tower",
    "tracing",
    "ureq",
];

impl Layer {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "domain" => Domain,
            "ports" => Ports,
            "usecase" => UseCase,
            "testkit" => Testkit,
            "adapter" => Adapter,
            "transport" => Transport,
            "binary" => Binary,
            _ => return None,
        })
    }

    fn is_inside(self) -> bool {
        matches!(self, Domain | Ports | UseCase | Testkit)
    }

    fn may_use(self, other: Self) -> bool {
        match self {
            Domain => false,
            Ports => other == Domain,
            UseCase | Adapter => matches!(other, Domain | Ports),
            Testkit | Transport => matches!(other, Domain | Ports | UseCase),
            Binary => other != Binary,
        }
    }

    /// What tests may see besides: suites, and the adapters that stand in for the world.
    fn may_test_with(self, other: Self) -> bool {
        match self {
            Domain | Ports => false,
            UseCase | Adapter | Transport => matches!(other, Testkit | Adapter | UseCase),
            Testkit => matches!(other, Adapter),
            Binary => other != Binary,
        }
    }
}

fn metadata(command: &mut MetadataCommand) -> Metadata {
    command.manifest_path(tree::root().join("Cargo.toml")).exec().unwrap()
}

/// With the graph of what this machine builds; other platforms' crates need not be at hand.
fn resolved() -> Metadata {
    let host = Command::new("rustc").args(["--print", "host-tuple"]).output().unwrap().stdout;
    let host = String::from_utf8(host).unwrap().trim().to_owned();
    metadata(MetadataCommand::new().other_options(vec!["--filter-platform".to_owned(), host]))
}

fn layer(package: &Package) -> Layer {
    let name = package.metadata["ciam"]["layer"].as_str();
    name.and_then(Layer::parse).unwrap_or_else(|| panic!("{} declares no layer that exists", package.name))
}

fn layers(metadata: &Metadata) -> BTreeMap<String, Layer> {
    metadata.workspace_packages().iter().map(|package| (package.name.to_string(), layer(package))).collect()
}

fn breaches(metadata: &Metadata) -> Vec<String> {
    let layers = layers(metadata);
    let mut breaches = Vec::new();
    for package in metadata.workspace_packages() {
        let from = layers[package.name.as_str()];
        for dependency in &package.dependencies {
            let Some(&to) = layers.get(&dependency.name) else { continue };
            let testing = dependency.kind == DependencyKind::Development && from.may_test_with(to);
            if !testing && !from.may_use(to) {
                breaches.push(format!("{} ({from:?}) uses {} ({to:?})", package.name, dependency.name));
            }
        }
    }
    breaches
}

#[test]
fn dependencies_point_inward() {
    let metadata = metadata(MetadataCommand::new().no_deps());
    assert_eq!(breaches(&metadata), Vec::<String>::new());
}

#[test]
fn the_rule_refuses_what_points_outward_or_sideways() {
    for (from, to) in [
        (Domain, Ports),
        (Ports, UseCase),
        (UseCase, Adapter),
        (Adapter, Adapter),
        (Adapter, UseCase),
        (Transport, Adapter),
        (Transport, Transport),
        (Testkit, Adapter),
        (Testkit, Binary),
    ] {
        assert!(!from.may_use(to), "{from:?} may use {to:?}");
    }
    assert!(!Domain.may_test_with(Adapter) && !Adapter.may_test_with(Binary));
}

#[test]
fn the_inside_knows_no_driver_framework_or_runtime() {
    let metadata = resolved();
    for package in metadata.workspace_packages().into_iter().filter(|package| layer(package).is_inside()) {
        let reached = closure(&metadata, &package.id);
        // Suites draw names of temporary directories and random journeys.
        let excused = |name: &str| layer(package) == Testkit && ["getrandom", "rand"].contains(&name);
        let outside: Vec<_> =
            OUTSIDE.into_iter().filter(|name| reached.contains(*name) && !excused(name)).collect();
        assert_eq!(outside, Vec::<&str>::new(), "through {}", package.name);
    }
}

#[test]
fn the_closure_follows_dependencies_of_dependencies() {
    let metadata = resolved();
    let sqlite =
        metadata.workspace_packages().into_iter().find(|package| package.name == "ciam-storage-sqlite");
    assert!(closure(&metadata, &sqlite.unwrap().id).contains("libsqlite3-sys"));
}

/// The names of everything that a package needs outside of tests.
fn closure(metadata: &Metadata, start: &PackageId) -> BTreeSet<String> {
    let nodes: BTreeMap<_, _> =
        metadata.resolve.as_ref().unwrap().nodes.iter().map(|node| (&node.id, node)).collect();
    let mut open = vec![start];
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        for dependency in &nodes[id].deps {
            let normal = dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal);
            if normal && seen.insert(&dependency.pkg) {
                open.push(&dependency.pkg);
            }
        }
    }
    seen.into_iter().map(|id| metadata[id].name.to_string()).collect()
}

#[test]
fn the_architecture_page_names_every_crate_with_its_layer() {
    let declared: BTreeSet<_> = metadata(MetadataCommand::new().no_deps())
        .workspace_packages()
        .iter()
        .map(|package| {
            let layer = package.metadata["ciam"]["layer"].as_str().unwrap_or_default();
            (package.name.to_string(), layer.to_owned())
        })
        .collect();
    let rows = tree::table_rows(&tree::read("docs/architecture.md"));
    let described: BTreeSet<_> = rows
        .into_iter()
        .filter(|row| row[0] == "ciam" || row[0].starts_with("ciam-"))
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect();
    assert_eq!(described, declared);
}
