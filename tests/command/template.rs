//! The templates for clusters do what they say, as far as that shows without a cluster.

use super::Folder;
use super::resume::are_alike;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use yaml_rust2::{Yaml, YamlLoader};

fn template(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/templates").join(name)
}

#[track_caller]
fn succeeded(output: &Output) {
    assert!(output.status.success(), "{output:?}");
}

#[cfg(unix)]
#[test]
fn the_slurm_array_runs_the_whole_sweep() {
    let folder = Folder::tiny("template-slurm");
    let job = |id: &str| {
        let mut command = Command::new("bash");
        command.arg(template("slurm-array.sh")).args(["tiny.ron", "size", "--out", "parts"]).current_dir(&folder.0);
        command.env("ARCHSIM", env!("CARGO_BIN_EXE_archsim")).env("SLURM_CPUS_PER_TASK", "1").stdin(Stdio::null());
        let array = [("SLURM_ARRAY_TASK_ID", id), ("SLURM_ARRAY_TASK_MIN", "0"), ("SLURM_ARRAY_TASK_COUNT", "4")];
        command.envs(array).output().expect("bash starts")
    };
    let text = std::fs::read_to_string(template("slurm-array.sh")).expect("the template");
    assert!(text.lines().any(|line| line == "#SBATCH --array=0-3"));
    ["0", "1", "2", "3"].iter().for_each(|id| succeeded(&job(id)));
    folder.run(&["merge", "parts", "--out", "merged"]).is_fine();
    folder.run(&["sweep", "tiny.ron", "size", "--out", "one"]).is_fine();
    are_alike(&folder.0.join("one"), &folder.0.join("merged"));
}

/// What a container of a pod runs: command, variables, and the folders it sees.
struct Container {
    command: Vec<String>,
    variables: BTreeMap<String, String>,
    mounts: BTreeMap<String, String>,
}

impl Container {
    fn new(pod: &Yaml) -> Container {
        let container = &pod["spec"]["containers"][0];
        let text = |yaml: &Yaml| yaml.as_str().unwrap_or_else(|| panic!("a text, not {yaml:?}")).to_owned();
        let list = |yaml: &Yaml| yaml.as_vec().cloned().unwrap_or_default();
        let volumes: BTreeMap<String, Yaml> =
            list(&pod["spec"]["volumes"]).into_iter().map(|volume| (text(&volume["name"]), volume)).collect();
        let mount = |mount: &Yaml| {
            let volume = &volumes[&text(&mount["name"])];
            let of = if volume["configMap"].is_badvalue() {
                text(&volume["persistentVolumeClaim"]["claimName"])
            } else {
                text(&volume["configMap"]["name"])
            };
            (text(&mount["mountPath"]), of)
        };
        Container {
            command: list(&container["command"]).iter().map(text).collect(),
            variables: list(&container["env"]).iter().map(|v| (text(&v["name"]), text(&v["value"]))).collect(),
            mounts: list(&container["volumeMounts"]).iter().map(mount).collect(),
        }
    }

    /// Runs it in a folder that has a folder for each volume.
    fn run(&self, folder: &Folder, index: Option<i64>) -> Output {
        let inside = |word: &String| {
            let mount = self.mounts.iter().find(|(path, _)| word.starts_with(&format!("{path}/")));
            mount.map_or(word.clone(), |(path, volume)| word.replacen(path.as_str(), volume, 1))
        };
        let words: Vec<String> = self.command.iter().map(inside).collect();
        assert_eq!(words[0], "archsim");
        let arguments: Vec<&str> = words[1..].iter().map(String::as_str).collect();
        let mut command = folder.command(&arguments);
        command.env_remove("SLURM_ARRAY_TASK_ID").envs(&self.variables);
        if let Some(index) = index {
            command.env("JOB_COMPLETION_INDEX", index.to_string());
        }
        command.output().expect("the program starts")
    }
}

#[test]
fn the_indexed_job_runs_the_whole_sweep() {
    let text = std::fs::read_to_string(template("kubernetes-indexed-job.yaml")).expect("the template");
    let documents = YamlLoader::load_from_str(&text).expect("YAML");
    let named = |kind: &str, name: &str| {
        let found = |d: &&Yaml| d["kind"].as_str() == Some(kind) && d["metadata"]["name"].as_str() == Some(name);
        documents.iter().find(found).unwrap_or_else(|| panic!("there is no {kind} {name}"))
    };
    let map = named("ConfigMap", "archsim-scenario");
    let folder = Folder::new("template-kubernetes");
    named("PersistentVolumeClaim", "archsim-results");
    for (volume, files) in [("archsim-scenario", Some(&map["data"])), ("archsim-results", None)] {
        std::fs::create_dir_all(folder.0.join(volume)).expect("it can be made");
        for (name, text) in files.and_then(Yaml::as_hash).into_iter().flatten() {
            let path = folder.0.join(volume).join(name.as_str().expect("a name"));
            std::fs::write(path, text.as_str().expect("a text")).expect("it can be written");
        }
    }
    let job = named("Job", "archsim-sweep");
    assert_eq!(job["apiVersion"].as_str(), Some("batch/v1"));
    assert_eq!(job["spec"]["completionMode"].as_str(), Some("Indexed"));
    let completions = job["spec"]["completions"].as_i64().expect("a number");
    let sweep = Container::new(&job["spec"]["template"]);
    assert_eq!(sweep.variables["JOB_COMPLETION_COUNT"], completions.to_string());
    (0..completions).for_each(|index| succeeded(&sweep.run(&folder, Some(index))));
    succeeded(
        &Container::new(&named("CronJob", "archsim-merge")["spec"]["jobTemplate"]["spec"]["template"])
            .run(&folder, None),
    );
    folder.run(&["sweep", "archsim-scenario/shop.ron", "how much", "--out", "one"]).is_fine();
    are_alike(&folder.0.join("one"), &folder.0.join("archsim-results/merged"));
}
