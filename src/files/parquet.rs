//! Tables as Parquet (<https://parquet.apache.org/docs/file-format/>): the rows and columns of the CSV, typed and compressed, for notebooks
//! over many points. A column is of whole numbers, of numbers, or of text, whichever is the first that holds all of its cells; an empty
//! cell is a null.

use crate::exit::Failure;
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;
use std::error::Error;
use std::str::FromStr;
use std::sync::Arc;

/// The cells of a column, in the order of the rows.
enum Column {
    Whole(Vec<Option<i64>>),
    Number(Vec<Option<f64>>),
    Text(Vec<Option<ByteArray>>),
}

impl Column {
    fn of<'a>(cells: impl Iterator<Item = &'a str> + Clone) -> Column {
        let whole = parsed(cells.clone()).map(Column::Whole);
        let number = || parsed(cells.clone()).map(Column::Number);
        let text = || cells.clone().map(|cell| (!cell.is_empty()).then(|| cell.into())).collect();
        whole.or_else(number).unwrap_or_else(|| Column::Text(text()))
    }

    fn kind(&self, name: &str) -> Result<Type, ParquetError> {
        let (physical, logical) = match self {
            Column::Whole(_) => (Physical::INT64, None),
            Column::Number(_) => (Physical::DOUBLE, None),
            Column::Text(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        };
        let builder = Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
        builder.with_logical_type(logical).build()
    }

    fn write(self, writer: &mut SerializedColumnWriter<'_>) -> Result<usize, ParquetError> {
        fn parts<T>(cells: Vec<Option<T>>) -> (Vec<i16>, Vec<T>) {
            (cells.iter().map(|cell| i16::from(cell.is_some())).collect(), cells.into_iter().flatten().collect())
        }
        match self {
            Column::Whole(cells) => {
                let (there, values) = parts(cells);
                writer.typed::<Int64Type>().write_batch(&values, Some(&there), None)
            }
            Column::Number(cells) => {
                let (there, values) = parts(cells);
                writer.typed::<DoubleType>().write_batch(&values, Some(&there), None)
            }
            Column::Text(cells) => {
                let (there, values) = parts(cells);
                writer.typed::<ByteArrayType>().write_batch(&values, Some(&there), None)
            }
        }
    }
}

/// The cells of one type; nothing if one is not.
fn parsed<'a, T: FromStr>(cells: impl Iterator<Item = &'a str>) -> Option<Vec<Option<T>>> {
    cells.map(|cell| if cell.is_empty() { Some(None) } else { cell.parse().ok().map(Some) }).collect()
}

/// A Parquet file for each table among the files.
pub(super) fn beside(files: &[(String, Vec<u8>)]) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let tables = files.iter().filter(|(name, _)| name.ends_with(".csv"));
    let file = |(name, table): &(String, Vec<u8>)| match parquet(table) {
        Ok(bytes) => Ok((name.replace(".csv", ".parquet"), bytes)),
        Err(error) => Err(Failure::Broken(format!("cannot write `{name}` as Parquet: {error}"))),
    };
    tables.map(file).collect()
}

fn parquet(table: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut reader = csv::Reader::from_reader(table);
    let names = reader.headers()?.clone();
    let rows = reader.records().collect::<Result<Vec<_>, _>>()?;
    let columns: Vec<Column> = (0..names.len()).map(|at| Column::of(rows.iter().map(move |row| &row[at]))).collect();
    let kinds = columns.iter().zip(&names).map(|(column, name)| column.kind(name).map(Arc::new));
    let schema = Type::group_type_builder("table").with_fields(kinds.collect::<Result<_, _>>()?).build()?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    for column in columns {
        let mut place = group.next_column()?.ok_or("a column has no place")?;
        column.write(&mut place)?;
        place.close()?;
    }
    group.close()?;
    Ok(writer.into_inner()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    #[test]
    fn what_is_read_back_is_what_the_csv_says() {
        let csv = "replication,users.p99 [s],low,set:web.policy,none\n1,0.25,,Random,\n2,1e-3,4,\"a, b\",\n";
        let bytes = parquet(csv.as_bytes()).expect("a table");
        assert_eq!(bytes, parquet(csv.as_bytes()).expect("the same bytes again"));
        let path = std::env::temp_dir().join(format!("archsim-{}.parquet", std::process::id()));
        std::fs::write(&path, bytes).expect("a place for it");
        let reader = SerializedFileReader::try_from(path.as_path()).expect("a file");
        std::fs::remove_file(&path).expect("it was there");
        let rows: Vec<Vec<(String, Field)>> = reader
            .get_row_iter(None)
            .expect("rows")
            .map(|row| {
                row.expect("a row").get_column_iter().map(|(name, field)| (name.clone(), field.clone())).collect()
            })
            .collect();
        let names: Vec<&str> = rows[0].iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["replication", "users.p99 [s]", "low", "set:web.policy", "none"]);
        let fields = |row: &[(String, Field)]| row.iter().map(|(_, field)| field.clone()).collect::<Vec<_>>();
        let (text, null) = (|text: &str| Field::Str(text.into()), Field::Null);
        assert_eq!(fields(&rows[0]), [Field::Long(1), Field::Double(0.25), null.clone(), text("Random"), null.clone()]);
        assert_eq!(fields(&rows[1]), [Field::Long(2), Field::Double(1e-3), Field::Long(4), text("a, b"), null]);
        assert_eq!(rows.len(), 2);
    }
}
