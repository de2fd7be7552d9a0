//! What a certificate says of itself.

use super::clock::Timestamp;

/// When a certificate (X.509, DER) begins and ends to be valid (RFC 5280 §4.1.2.5).
///
/// # Errors
/// What is wrong with the certificate.
pub fn validity(der: &[u8]) -> Result<(Timestamp, Timestamp), String> {
    let (_, certificate) =
        x509_parser::parse_x509_certificate(der).map_err(|error| error.to_string())?;
    let validity = certificate.validity();
    let moment = |time: &x509_parser::time::ASN1Time| {
        Timestamp::from_millis(time.timestamp().saturating_mul(1000))
    };
    Ok((moment(&validity.not_before), moment(&validity.not_after)))
}
