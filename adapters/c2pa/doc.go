// Package c2pa reads and writes C2PA manifests (Content Credentials): signed
// statements inside a picture of what it was made of, how and by whom.
//
// It writes manifests of version 2 (https://spec.c2pa.org, 2.2) with a SHA-256
// hard binding and an ES256 signature, and reads those and version 1. It keeps
// no list of trusted signers: who signed is told in the certificate's words.
package c2pa
