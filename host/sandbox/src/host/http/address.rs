//! Which addresses HTTP may reach: a pure decision on the resolved address.
//!
//! An address is first taken out of its wrappings (IPv4 mapped or embedded in IPv6, NAT64, 6to4): what counts is
//! where a packet would arrive. Everything that is not plain public unicast is refused unless the operator opened it by
//! CIDR, and metadata services need a switch of their own.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::limits::{Metadata, OperatorPolicy};

/// A network: an address and how many of its leading bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    address: IpAddr,
    prefix_bits: u8,
}

/// Why a text is not a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a network: write it as ADDRESS/BITS, such as 10.0.0.0/8 or fd00::/8")]
pub struct CidrError(String);

impl Cidr {
    const fn v4(a: u8, b: u8, c: u8, d: u8, prefix_bits: u8) -> Self {
        Self { address: IpAddr::V4(Ipv4Addr::new(a, b, c, d)), prefix_bits }
    }

    const fn v6(first: u16, second: u16, third: u16, prefix_bits: u8) -> Self {
        Self { address: IpAddr::V6(Ipv6Addr::new(first, second, third, 0, 0, 0, 0, 0)), prefix_bits }
    }

    /// Whether an address lies in the network.
    pub fn contains(&self, address: IpAddr) -> bool {
        let same = |network: u128, address: u128, bits: u32| {
            let ignored = bits - u32::from(self.prefix_bits);
            ignored == bits || network >> ignored == address >> ignored
        };
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => same(u32::from(network).into(), u32::from(address).into(), 32),
            (IpAddr::V6(network), IpAddr::V6(address)) => same(u128::from(network), u128::from(address), 128),
            _ => false,
        }
    }
}

impl FromStr for Cidr {
    type Err = CidrError;

    fn from_str(text: &str) -> Result<Self, CidrError> {
        let wrong = || CidrError(text.to_owned());
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let widest = if address.is_ipv4() { 32 } else { 128 };
        let prefix_bits = bits.map_or(Ok(widest), |bits| bits.parse().map_err(|_| wrong()))?;
        if prefix_bits > widest { Err(wrong()) } else { Ok(Self { address, prefix_bits }) }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix_bits)
    }
}

/// Whether an address may be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It may.
    Allowed,
    /// It is not public, and not opened.
    Special,
    /// It is a metadata service, and those are closed.
    Metadata,
}

/// Whether a name is refused before anybody is asked where it leads: nobody should even learn that it was asked for.
pub(crate) fn is_closed_name(host: &str, operator: &OperatorPolicy) -> bool {
    operator.metadata == Metadata::Closed && is_metadata_name(host)
}

fn is_metadata_name(host: &str) -> bool {
    METADATA_NAMES.contains(&host.trim_end_matches('.'))
}

/// Judges an address that the name `host` resolved to.
pub(crate) fn judge(address: IpAddr, host: &str, operator: &OperatorPolicy) -> Verdict {
    let target = unwrapped(address);
    let is_metadata = METADATA.contains(&target) || METADATA.contains(&address) || is_metadata_name(host);
    if is_metadata && operator.metadata == Metadata::Closed {
        return Verdict::Metadata;
    }
    // A network is opened for the address that is dialled or the one a packet would arrive at, but wrapping alone opens nothing.
    if operator.open_networks.iter().any(|network| network.contains(target)) {
        return Verdict::Allowed;
    }
    let special =
        SPECIAL.iter().any(|network| network.contains(target)) || matches!(target, IpAddr::V6(v6) if !GLOBAL_V6.contains(v6.into()));
    if special { Verdict::Special } else { Verdict::Allowed }
}

/// Addresses of metadata services: AWS, GCP, Azure and most others, AWS tasks and pods, Alibaba, Oracle, Azure's host channel.
const METADATA: [IpAddr; 9] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
];

/// Names that lead to metadata services, whatever they resolve to.
const METADATA_NAMES: [&str; 3] = ["metadata.google.internal", "metadata.goog", "instance-data.ec2.internal"];

/// All of IPv6 that is public unicast.
const GLOBAL_V6: Cidr = Cidr::v6(0x2000, 0, 0, 3);

/// Networks that are not public unicast: the special-purpose registries of IANA, and multicast.
const SPECIAL: [Cidr; 19] = [
    Cidr::v4(0, 0, 0, 0, 8),
    Cidr::v4(10, 0, 0, 0, 8),
    Cidr::v4(100, 64, 0, 0, 10),
    Cidr::v4(127, 0, 0, 0, 8),
    Cidr::v4(169, 254, 0, 0, 16),
    Cidr::v4(172, 16, 0, 0, 12),
    Cidr::v4(192, 0, 0, 0, 24),
    Cidr::v4(192, 0, 2, 0, 24),
    Cidr::v4(192, 88, 99, 0, 24),
    Cidr::v4(192, 168, 0, 0, 16),
    Cidr::v4(198, 18, 0, 0, 15),
    Cidr::v4(198, 51, 100, 0, 24),
    Cidr::v4(203, 0, 113, 0, 24),
    Cidr::v4(224, 0, 0, 0, 4),
    Cidr::v4(240, 0, 0, 0, 4),
    // Of IPv6, what is inside 2000::/3 and not public: Teredo and other protocols, documentation, anycast.
    Cidr::v6(0x2001, 0, 0, 23),
    Cidr::v6(0x2001, 0xdb8, 0, 32),
    Cidr::v6(0x3fff, 0, 0, 20),
    Cidr::v6(0x2620, 0x4f, 0x8000, 48),
];

/// Where a packet to this address would arrive, as far as the address itself says.
fn unwrapped(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let segments = v6.segments();
    let v4 = |high: u16, low: u16| IpAddr::V4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    match segments {
        // `::` and `::1` are addresses of their own.
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => address,
        // Mapped, translated and compatible: ::ffff:a.b.c.d, ::ffff:0:a.b.c.d, ::a.b.c.d.
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] | [0, 0, 0, 0, 0xffff, 0, high, low] => v4(high, low),
        // NAT64: the well-known prefix, and the one for local use.
        [0x64, 0xff9b, 0 | 1, .., high, low] => v4(high, low),
        // 6to4.
        [0x2002, high, low, ..] => v4(high, low),
        _ => address,
    }
}

#[cfg(test)]
mod tests;
