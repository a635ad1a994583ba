//! Small dense systems of linear equations.

/// A matrix, row by row.
pub type Matrix = Vec<Vec<f64>>;

/// A matrix of zeros.
pub fn zeros(size: usize) -> Matrix {
    vec![vec![0.0; size]; size]
}

/// The product of two matrices.
pub fn product(a: &Matrix, b: &Matrix) -> Matrix {
    let size = a.len();
    let mut result = zeros(size);
    for (row, into) in a.iter().zip(&mut result) {
        for (factor, other) in row.iter().zip(b).filter(|(factor, _)| **factor != 0.0) {
            into.iter_mut().zip(other).for_each(|(sum, value)| *sum += factor * value);
        }
    }
    result
}

/// A row times a matrix.
pub fn times(row: &[f64], matrix: &Matrix) -> Vec<f64> {
    let mut result = vec![0.0; row.len()];
    for (factor, other) in row.iter().zip(matrix) {
        result.iter_mut().zip(other).for_each(|(sum, value)| *sum += factor * value);
    }
    result
}

/// X with X A = B, by elimination with pivots; A must not be singular.
pub fn right_divide(b: &Matrix, a: &Matrix) -> Matrix {
    let size = a.len();
    // Columns of A are the equations: the transposed system, solved for all rows of B at once.
    let mut system: Matrix = (0..size)
        .map(|column| (0..size).map(|row| a[row][column]).chain(b.iter().map(|row| row[column])).collect())
        .collect();
    for at in 0..size {
        let pivot = (at..size).max_by(|x, y| system[*x][at].abs().total_cmp(&system[*y][at].abs())).unwrap_or(at);
        system.swap(at, pivot);
        let (above, below) = system.split_at_mut(at + 1);
        let row = &above[at];
        for other in below.iter_mut().filter(|other| other[at] != 0.0) {
            let factor = other[at] / row[at];
            other.iter_mut().zip(row).skip(at).for_each(|(value, own)| *value -= factor * own);
        }
    }
    let mut result = vec![vec![0.0; size]; b.len()];
    for (index, solution) in result.iter_mut().enumerate() {
        for at in (0..size).rev() {
            let known: f64 = (at + 1..size).map(|column| system[at][column] * solution[column]).sum();
            solution[at] = (system[at][size + index] - known) / system[at][at];
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn division_undoes_multiplication() {
        let a = vec![vec![0.0, 2.0, 1.0], vec![1.0, 1.0, 0.0], vec![3.0, 0.0, 1.0]];
        let x = vec![vec![1.0, 2.0, 3.0], vec![4.0, 5.0, 6.0], vec![7.0, 8.0, 10.0]];
        let found = right_divide(&product(&x, &a), &a);
        assert!(found.iter().flatten().zip(x.iter().flatten()).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}");
        assert_eq!(times(&x[0], &a), product(&x, &a)[0]);
    }
}
