//! The reference cases: one quantity of one model each, as the file gives them.

use serde_json::Value;
use std::path::PathBuf;

/// One quantity of one model.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub id: String,
    pub model: String,
    pub family: String,
    pub params: Value,
    pub quantity: String,
    pub value: Value,
    pub class: String,
    pub tolerance: Value,
}

/// All quantities of one model.
pub(crate) struct ModelCases {
    pub id: String,
    pub family: String,
    pub params: Value,
    /// The model in words.
    pub words: String,
    pub cases: Vec<Case>,
}

/// Where the cases are: the environment variable, the folder beside the project, the copy that travels with it.
pub(crate) fn path() -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let beside = root.join("../shared/truth/cases.json");
    match std::env::var_os("ARCHSIM_TRUTH") {
        Some(path) => path.into(),
        None if beside.exists() => beside,
        None => copy(),
    }
}

/// The copy of the cases that is part of the project.
pub(crate) fn copy() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/truth/cases.json")
}

/// Reads a file of cases.
pub(crate) fn read(path: &PathBuf) -> Result<Vec<ModelCases>, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let all: Value = serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut models: Vec<ModelCases> = vec![];
    for entry in all["cases"].as_array().into_iter().flatten() {
        let case = case(entry);
        match models.iter_mut().find(|m| m.id == case.model) {
            Some(model) => model.cases.push(case),
            None => models.push(ModelCases {
                id: case.model.clone(),
                family: case.family.clone(),
                params: case.params.clone(),
                words: entry["model"].as_str().unwrap_or_default().to_owned(),
                cases: vec![case],
            }),
        }
    }
    Ok(models)
}

fn case(entry: &Value) -> Case {
    let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    Case {
        id: text("id"),
        model: text("model_id"),
        family: text("family"),
        params: entry["params"].clone(),
        quantity: text("quantity"),
        value: entry["value"].clone(),
        class: text("class"),
        tolerance: entry["tolerance"].clone(),
    }
}
