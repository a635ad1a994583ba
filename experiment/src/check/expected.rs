//! `// expected: overload` on the line before silences one warning or note, so that teaching files stay clean.

use archsim_language::{Diagnostic, Severity, Source};

/// Takes out the findings that the text says are expected. Errors cannot be silenced.
pub(super) fn silence(source: &Source, findings: &mut Vec<Diagnostic>) {
    let lines: Vec<&str> = source.text().lines().collect();
    for (index, line) in lines.iter().enumerate() {
        let Some(codes) = line.trim().strip_prefix("//").and_then(|rest| rest.trim().strip_prefix("expected:")) else {
            continue;
        };
        let comment = |line: &&str| line.trim().starts_with("//") || line.trim().is_empty();
        let next = index + 1 + lines[index + 1..].iter().take_while(|line| comment(line)).count();
        for code in codes.split([',', ' ']).filter(|code| !code.is_empty()) {
            let expected = |finding: &Diagnostic| {
                finding.severity != Severity::Error
                    && finding.code == code
                    && source.line_column(finding.span.start).0 == next + 1
            };
            if let Some(at) = findings.iter().position(expected) {
                findings.remove(at);
            }
        }
    }
}
