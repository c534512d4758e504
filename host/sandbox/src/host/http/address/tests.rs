use url::{Host, Url};

use super::*;

fn policy(open: &[&str], metadata: Metadata) -> OperatorPolicy {
    OperatorPolicy { open_networks: open.iter().map(|network| network.parse().unwrap()).collect(), metadata, ..OperatorPolicy::default() }
}

/// The verdict on a URL whose host is an address in any notation.
fn verdict(url: &str, operator: &OperatorPolicy) -> Verdict {
    let url = Url::parse(url).unwrap();
    let address = match url.host().unwrap() {
        Host::Ipv4(address) => address.into(),
        Host::Ipv6(address) => address.into(),
        Host::Domain(name) => panic!("{name} is a name"),
    };
    judge(address, url.host_str().unwrap(), operator)
}

#[test]
fn notations_of_addresses_that_are_not_public() {
    let closed = policy(&[], Metadata::Closed);
    for url in [
        "http://127.0.0.1",
        "http://127.1",
        "http://2130706433",
        "http://0x7f000001",
        "http://0x7f.1",
        "http://0177.0.0.1",
        "http://[::1]",
        "http://[::]",
        "http://[::ffff:127.0.0.1]",
        "http://[::ffff:7f00:1]",
        "http://[::ffff:0:127.0.0.1]",
        "http://[::127.0.0.1]",
        "http://[64:ff9b::7f00:1]",
        "http://[64:ff9b:1::10.0.0.1]",
        "http://[2002:7f00:1::]",
        "http://[2002:c0a8:101::1]",
        "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
        "http://0.0.0.0",
        "http://0",
        "http://0.1.2.3",
        "http://10.0.0.1",
        "http://100.64.0.1",
        "http://172.16.0.1",
        "http://172.31.255.255",
        "http://192.168.1.1",
        "http://192.0.0.1",
        "http://192.0.2.1",
        "http://198.18.0.1",
        "http://198.51.100.1",
        "http://203.0.113.1",
        "http://224.0.0.1",
        "http://240.0.0.1",
        "http://255.255.255.255",
        "http://169.254.1.1",
        "http://[fe80::1]",
        "http://[fc00::1]",
        "http://[fd12:3456::1]",
        "http://[fec0::1]",
        "http://[ff02::1]",
        "http://[2001:db8::1]",
        "http://[3fff::1]",
        "http://[100::1]",
        "http://[5f00::1]",
    ] {
        assert_eq!(verdict(url, &closed), Verdict::Special, "{url}");
    }
    // Zone ids are no part of a URL.
    Url::parse("http://[fe80::1%25eth0]").unwrap_err();
}

#[test]
fn public_addresses() {
    let closed = policy(&[], Metadata::Closed);
    for url in [
        "https://1.1.1.1",
        "https://93.184.216.34",
        "https://172.15.255.255",
        "https://172.32.0.1",
        "https://100.128.0.1",
        "https://[2606:4700::1111]",
        "https://[2a00:1450:4001::8a]",
        "https://[::ffff:1.1.1.1]",
        "https://[64:ff9b::101:101]",
    ] {
        assert_eq!(verdict(url, &closed), Verdict::Allowed, "{url}");
    }
}

#[test]
fn networks_that_the_operator_opens() {
    let open = policy(&["127.0.0.0/8", "10.1.0.0/16", "fd00::/8"], Metadata::Closed);
    for (url, expected) in [
        ("http://127.0.0.1", Verdict::Allowed),
        ("http://[::ffff:127.0.0.1]", Verdict::Allowed),
        ("http://10.1.255.255", Verdict::Allowed),
        ("http://10.2.0.0", Verdict::Special),
        ("http://[::1]", Verdict::Special),
        ("http://[fd00::1]", Verdict::Allowed),
        ("http://[fd00:ec2::254]", Verdict::Metadata),
        ("http://[fe80::1]", Verdict::Special),
    ] {
        assert_eq!(verdict(url, &open), expected, "{url}");
    }
}

#[test]
fn metadata_needs_its_own_switch() {
    let all = ["0.0.0.0/0", "::/0"];
    let addresses = [
        "http://169.254.169.254",
        "http://[::ffff:169.254.169.254]",
        "http://[64:ff9b::a9fe:a9fe]",
        "http://[2002:a9fe:a9fe::]",
        "http://0xa9fea9fe",
        "http://169.254.170.2",
        "http://100.100.100.200",
        "http://192.0.0.192",
        "http://168.63.129.16",
        "http://[fd00:ec2::254]",
        "http://[fd20:ce::254]",
    ];
    for url in addresses {
        assert_eq!(verdict(url, &policy(&all, Metadata::Closed)), Verdict::Metadata, "{url}");
        assert_eq!(verdict(url, &policy(&all, Metadata::Open)), Verdict::Allowed, "{url}");
    }
    assert_eq!(verdict("http://169.254.169.254", &policy(&[], Metadata::Open)), Verdict::Special, "the switch alone opens no network");
    let public: IpAddr = "1.1.1.1".parse().unwrap();
    for name in ["metadata.google.internal", "metadata.google.internal."] {
        assert_eq!(judge(public, name, &policy(&all, Metadata::Closed)), Verdict::Metadata, "{name}");
    }
}

#[test]
fn networks_as_text() {
    for (text, shown) in
        [("10.0.0.0/8", Some("10.0.0.0/8")), ("1.2.3.4", Some("1.2.3.4/32")), ("::1", Some("::1/128")), ("fd00::/8", Some("fd00::/8"))]
    {
        assert_eq!(text.parse::<Cidr>().ok().map(|network| network.to_string()).as_deref(), shown);
    }
    for text in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "example/8", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8/8"] {
        let error = text.parse::<Cidr>().unwrap_err().to_string();
        assert!(error.contains("10.0.0.0/8"), "{error}");
    }
    let everything: Cidr = "0.0.0.0/0".parse().unwrap();
    assert!(everything.contains("255.255.255.255".parse().unwrap()) && !everything.contains("::".parse().unwrap()));
}
