//! Tests of checking as a whole.

use super::*;

    #[test]
    fn shows() {
        let mut names: Vec<_> = std::fs::read_dir("/work/main/scenarios").unwrap().map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "ron")).collect();
        names.sort();
        for f in names {
            let text = std::fs::read_to_string(&f).unwrap();
            let source = Source::new(f.file_name().unwrap().to_string_lossy(), text);
            let start = std::time::Instant::now();
            let checked = check(&source, &|_| Err("none".into()));
            println!("==== {} {:?} {}", source.name(), start.elapsed(), checked.model.is_some());
            println!("{}", archsim_language::render(&checked.findings, &source, archsim_language::Style::Plain));
            if let Some(m) = checked.model { for row in &m.load.rows { println!("{:12} {:8.1} {:7.2} {:?} {:?} {:?} {:?}", row.component, row.arrivals, row.work, row.capacity, row.busy, row.hottest, row.hit_ratio); } println!("{:?}", m.load.first); }
        }
    }
