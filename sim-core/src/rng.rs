//! Random numbers by address: a draw is a function of (seed, replication, owner, purpose, counter).
//!
//! The generator is SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014)
//! with Stafford's variant 13 as the finaliser, used as a counter-based generator in the manner of Salmon et al.
//! ("Parallel random numbers: as easy as 1, 2, 3", SC 2011). It is frozen: a change of any constant here is a change
//! of every result and gets a new name.
//!
//! A [`Key`] is a place in a tree of owners; a [`Stream`] is the sequence of numbers drawn at one site of a key.

use std::convert::Infallible;

use rand::TryRng;

/// Step of a stream: 2^64 divided by the golden ratio, the constant of SplitMix64.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
/// Distance between child keys: 2^64 / g for the plastic number g = 1.3247 (Roberts, "The unreasonable effectiveness
/// of quasirandom sequences", 2018). No small multiple of one of the three constants comes near a small multiple of
/// another, so children, sites and steps stay apart.
const CHILD: u64 = 0xC13F_A9A9_02A6_328F;
/// Distance between the sites of a key: 2^64 / g^2, with the same g.
const SITE: u64 = 0x91E1_0DA5_C79E_7B1D;
/// 2^-53: turns 53 random bits into a number below one.
const UNIT: f64 = 1.0 / (1u64 << 53) as f64;

/// The finaliser of SplitMix64 (Stafford's "Mix13"): a bijection on 64 bits in which every input bit reaches every
/// output bit.
#[inline]
pub const fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The inverse of [`mix`]: its shifts undone from the top, its factors by their inverses modulo 2^64.
const fn unmix(z: u64) -> u64 {
    let z = z ^ (z >> 31) ^ (z >> 62);
    let z = z.wrapping_mul(inverse(0x94D0_49BB_1331_11EB));
    let z = z ^ (z >> 27) ^ (z >> 54);
    let z = z.wrapping_mul(inverse(0xBF58_476D_1CE4_E5B9));
    z ^ (z >> 30) ^ (z >> 60)
}

/// The inverse of an odd number modulo 2^64 by Newton's iteration: each round doubles the bits that are right.
const fn inverse(odd: u64) -> u64 {
    let mut x = odd;
    let mut round = 0;
    while round < 5 {
        x = x.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(x)));
        round += 1;
    }
    x
}

/// FNV-1a, 64 bits (Fowler, Noll and Vo): the hash of names.
const fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325u64;
    let mut index = 0;
    while index < bytes.len() {
        hash = (hash ^ bytes[index] as u64).wrapping_mul(0x0000_0100_0000_01B3);
        index += 1;
    }
    hash
}

/// A place in the tree of owners of randomness. Two places draw independent numbers; the same place always draws the
/// same ones, whatever else is in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(u64);

impl Key {
    /// The root of one replication of a run with this seed.
    #[inline]
    pub const fn root(seed: u64, replication: u64) -> Key {
        Key(mix(seed.wrapping_add(STEP))).child(replication)
    }

    /// The `n`-th child, from 0.
    #[inline]
    pub const fn child(self, n: u64) -> Key {
        Key(mix(self.0.wrapping_add(n.wrapping_add(1).wrapping_mul(CHILD))))
    }

    /// The number n for which this key is the `n`-th child of `parent`: what [`Key::child`] did, undone. Of a key that is
    /// no child of it, a number that says nothing, as good as never below 2^40.
    pub const fn child_of(self, parent: Key) -> u64 {
        unmix(self.0).wrapping_sub(parent.0).wrapping_mul(inverse(CHILD)).wrapping_sub(1)
    }

    /// The child of this name.
    #[inline]
    pub const fn named(self, name: &str) -> Key {
        Key(mix(self.0.wrapping_add(mix(fnv1a(name.as_bytes())))))
    }

    /// The stream of the `site`-th purpose of this owner, from 0. Its first number costs one [`mix`].
    #[inline]
    pub const fn draw(self, site: u64) -> Stream {
        Stream(self.0.wrapping_add(site.wrapping_add(1).wrapping_mul(SITE)))
    }

    /// The key as a number, for storing it.
    #[inline]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// The key that [`Key::bits`] gave.
    #[inline]
    pub const fn from_bits(bits: u64) -> Key {
        Key(bits)
    }
}

/// A sequence of random numbers: SplitMix64, one [`mix`] a number. Copying it forks it: both copies go on alike.
///
/// It also implements rand's `Rng`, for the distributions of other crates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream(u64);

impl Stream {
    /// The next 64 random bits.
    #[inline]
    pub const fn next_u64(&mut self) -> u64 {
        let bits = mix(self.0);
        self.0 = self.0.wrapping_add(STEP);
        bits
    }

    /// Uniform in [0, 1), a multiple of 2^-53.
    #[inline]
    pub const fn uniform(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * UNIT
    }

    /// Uniform in (0, 1], a multiple of 2^-53: safe to take the logarithm of.
    #[inline]
    pub const fn uniform_open(&mut self) -> f64 {
        ((self.next_u64() >> 11) + 1) as f64 * UNIT
    }

    /// Uniform in 0..n by one multiplication (Lemire, "Fast random integer generation in an interval", 2019, without
    /// the rejection step: no value is favoured by more than n / 2^64). Zero when `n` is zero.
    #[inline]
    pub const fn below(&mut self, n: u64) -> u64 {
        ((self.next_u64() as u128 * n as u128) >> 64) as u64
    }

    /// True with probability `p`; never for p <= 0 or NaN, always for p >= 1.
    #[inline]
    pub const fn chance(&mut self, p: f64) -> bool {
        self.uniform() < p
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.next_u64() >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next_u64().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;

    #[test]
    fn a_child_tells_its_number() {
        let parent = Key::root(7, 3);
        for n in [0, 1, 2, 999, 1 << 40, u64::MAX] {
            assert_eq!(parent.child(n).child_of(parent), n);
        }
        assert!(parent.child(5).child_of(Key::root(8, 3)) > 1 << 40);
    }

    #[test]
    fn the_generator_is_splitmix64() {
        // The first numbers of the reference implementation (Vigna, splitmix64.c) for the seed 1234567.
        let mut stream = Stream(1_234_567u64.wrapping_add(STEP));
        let numbers = [(); 3].map(|()| stream.next_u64());
        assert_eq!(numbers, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn first_values_are_pinned() {
        let key = Key::root(42, 0);
        let mut stream = key.child(3).draw(1);
        let values = [key.bits(), key.child(0).bits(), key.named("web").bits(), stream.next_u64(), stream.next_u64()];
        assert_eq!(
            values,
            [
                0x8B1C_1195_AD31_543A,
                0xA45E_EF05_451A_BFCC,
                0xF43A_14AE_B533_E674,
                0xF6B1_838C_BA9A_ED43,
                0x7DBE_699B_9B5A_011A
            ]
        );
        assert_eq!(Key::from_bits(key.bits()), key);
    }

    #[test]
    fn places_differ() {
        let key = Key::root(1, 0);
        let keys = [key, Key::root(1, 1), Key::root(2, 0), key.child(0), key.child(1), key.named("a"), key.named("b")];
        let mut first: Vec<u64> =
            keys.iter().flat_map(|key| [key.draw(0).next_u64(), key.draw(1).next_u64()]).collect();
        first.sort_unstable();
        first.dedup();
        assert_eq!(first.len(), 2 * keys.len());
    }

    /// A small multiple of one constant must not be near a small multiple of another: then the numbers of neighbouring
    /// sites, children and steps could be the same ones.
    #[test]
    fn constants_have_no_small_relation() {
        for (a, b) in [(STEP, SITE), (STEP, CHILD), (SITE, CHILD)] {
            let mut inverse = 1u64;
            (0..6).for_each(|_| inverse = inverse.wrapping_mul(2u64.wrapping_sub(b.wrapping_mul(inverse))));
            assert_eq!(b.wrapping_mul(inverse), 1);
            let ratio = a.wrapping_mul(inverse);
            for n in 1..1u64 << 20 {
                let times = n.wrapping_mul(ratio) as i64;
                assert!(times.unsigned_abs() > 1 << 30, "{n} of one are {times} of the other");
            }
        }
    }

    /// Chi-square with 255 degrees of freedom of each byte of the numbers; 255 +- 4.5 standard deviations of 22.6.
    fn assert_even_bytes(name: &str, numbers: impl Iterator<Item = u64>) {
        let mut counts = [[0u32; 256]; 8];
        let mut total = 0;
        for number in numbers {
            total += 1;
            number.to_le_bytes().iter().zip(&mut counts).for_each(|(byte, counts)| counts[usize::from(*byte)] += 1);
        }
        let expected = f64::from(total) / 256.0;
        for counts in counts {
            let square = |count: &u32| (f64::from(*count) - expected) * (f64::from(*count) - expected) / expected;
            let chi_square: f64 = counts.iter().map(square).sum();
            assert!((153.0..357.0).contains(&chi_square), "{name}: {chi_square}");
        }
    }

    #[test]
    fn bytes_are_even_along_every_axis() {
        let key = Key::root(7, 0).named("axis");
        assert_even_bytes("children", (0..200_000).map(|n| key.child(n).draw(0).next_u64()));
        assert_even_bytes("sites", (0..200_000).map(|n| key.draw(n).next_u64()));
        assert_even_bytes("seeds", (0..200_000).map(|n| Key::root(n, 0).draw(0).next_u64()));
        assert_even_bytes("replications", (0..200_000).map(|n| Key::root(0, n).draw(0).next_u64()));
        let mut stream = key.draw(0);
        assert_even_bytes("steps", (0..200_000).map(|_| stream.next_u64()));
        let differences = (0..200_000).map(|n| key.child(n).draw(1).next_u64() ^ key.child(n + 1).draw(0).next_u64());
        assert_even_bytes("neighbours", differences);
    }

    #[test]
    fn a_thousand_child_streams_are_uncorrelated() {
        const DRAWS: usize = 64;
        let centred = |n| {
            let mut stream = Key::root(5, 0).child(n).draw(0);
            [(); DRAWS].map(|()| stream.uniform() - 0.5)
        };
        let streams: Vec<[f64; DRAWS]> = (0..1000).map(centred).collect();
        let (mut squares, mut largest, mut pairs) = (0.0, 0.0f64, 0.0);
        for (n, a) in streams.iter().enumerate() {
            for b in &streams[..n] {
                // Standardised: the product of two centred uniform numbers has variance 1 / 144.
                let z = a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() * 12.0 / (DRAWS as f64).sqrt();
                squares += z * z;
                largest = largest.max(z.abs());
                pairs += 1.0;
            }
        }
        assert!((squares / pairs - 1.0f64).abs() < 0.01, "{}", squares / pairs);
        assert!(largest < 6.0, "{largest}");
    }

    #[test]
    fn ranges_hold() {
        let mut stream = Key::root(9, 0).draw(0);
        let (mut sum, mut hits) = (0.0, 0);
        for _ in 0..100_000 {
            let (half_open, open) = (stream.uniform(), stream.uniform_open());
            assert!((0.0..1.0).contains(&half_open) && 0.0 < open && open <= 1.0);
            assert!(stream.below(10) < 10);
            sum += half_open;
            hits += u32::from(stream.chance(0.3));
        }
        // Standard errors 91 and 145.
        assert!((sum - 50_000.0).abs() < 400.0, "{sum}");
        assert!((f64::from(hits) - 30_000.0).abs() < 600.0, "{hits}");
        assert_eq!((stream.below(1), stream.below(0)), (0, 0));
        assert_eq!((stream.chance(0.0), stream.chance(1.0), stream.chance(f64::NAN)), (false, true, false));
    }

    #[test]
    fn the_ends_of_the_uniform_ranges() {
        assert_eq!(mix(0), 0);
        assert_eq!((Stream(0).uniform(), Stream(0).uniform_open()), (0.0, UNIT));
        // The number that mixes to all ones, by the inverse of the finaliser.
        let last = Stream(0xCF9A_04AF_FA6B_ADC0);
        assert_eq!({ last }.next_u64(), u64::MAX);
        assert_eq!(({ last }.uniform(), { last }.uniform_open()), (1.0 - UNIT, 1.0));
    }

    #[test]
    fn rand_draws_the_same_numbers() {
        let mut own = Key::root(1, 0).draw(0);
        let mut theirs = own;
        assert_eq!(Rng::next_u64(&mut theirs), own.next_u64());
        assert_eq!(u64::from(Rng::next_u32(&mut theirs)), own.next_u64() >> 32);
        let mut bytes = [0; 11];
        theirs.fill_bytes(&mut bytes);
        assert_eq!(bytes[..8], own.next_u64().to_le_bytes());
        assert_eq!(bytes[8..], own.next_u64().to_le_bytes()[..3]);
    }
}
