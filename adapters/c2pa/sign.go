package c2pa

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"github.com/veraison/go-cose"
)

// Identity is the key that manifests are signed with, and its certificates.
type Identity struct {
	key   *ecdsa.PrivateKey
	chain []*x509.Certificate // the signer's own first, without the root
	own   bool                // made by this instance itself
}

// Own reports whether the instance made the certificate itself, so that
// nobody else vouches for the name in it.
func (id *Identity) Own() bool { return id.own }

// Name is the common name in the signer's certificate.
func (id *Identity) Name() string { return id.chain[0].Subject.CommonName }

// Fingerprint is the SHA-256 of the signer's certificate in lower-case hex.
func (id *Identity) Fingerprint() string { return fingerprint(id.chain[0]) }

func fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}

// LoadIdentity reads a PEM chain, the signer's certificate first, and its PEM
// key. The key is ECDSA on P-256, which ES256 needs.
func LoadIdentity(certificates, key []byte) (*Identity, error) {
	id := &Identity{}
	for rest := certificates; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d cannot be read: %w", len(id.chain)+1, err)
		}
		id.chain = append(id.chain, c)
	}
	if len(id.chain) == 0 {
		return nil, errors.New("there is no PEM certificate in it")
	}
	// A root at the end is the reader's to know.
	if last := id.chain[len(id.chain)-1]; len(id.chain) > 1 && last.CheckSignatureFrom(last) == nil {
		id.chain = id.chain[:len(id.chain)-1]
	}
	var err error
	if id.key, err = parseKey(key); err != nil {
		return nil, err
	}
	if !id.key.PublicKey.Equal(id.chain[0].PublicKey) {
		return nil, errors.New("the key does not belong to the first certificate")
	}
	if now := time.Now(); now.After(id.chain[0].NotAfter) {
		return nil, fmt.Errorf("the certificate expired on %s", id.chain[0].NotAfter.Format(time.DateOnly))
	}
	return id, nil
}

func parseKey(data []byte) (*ecdsa.PrivateKey, error) {
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			return nil, errors.New("there is no PEM private key in it")
		}
		switch block.Type {
		case "EC PRIVATE KEY":
			return onP256(x509.ParseECPrivateKey(block.Bytes))
		case "PRIVATE KEY":
			key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			ec, _ := key.(*ecdsa.PrivateKey)
			return onP256(ec, err)
		}
	}
}

func onP256(key *ecdsa.PrivateKey, err error) (*ecdsa.PrivateKey, error) {
	if err != nil {
		return nil, errors.New("the private key cannot be read")
	}
	if key == nil || key.Curve != elliptic.P256() {
		return nil, errors.New("the private key is not ECDSA on P-256; make one with: openssl ecparam -name prime256v1 -genkey")
	}
	return key, nil
}

// ownName is the signer of files of an instance that was given no certificate.
const ownName = "Gemini Image Chat, self-signed instance"

// OwnIdentity is the identity that an instance makes for itself: kept in file
// (mode 0600), made when it is not there. Its root signs the signer's
// certificate, as C2PA forbids that a signer's certificate signs itself.
func OwnIdentity(file string) (*Identity, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		if data, err = makeIdentity(); err == nil {
			data, err = keep(file, data)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("c2pa: identity of the instance: %w", err)
	}
	id, err := LoadIdentity(data, data)
	if err != nil {
		return nil, fmt.Errorf("c2pa: %s: %w", file, err)
	}
	id.own = true
	return id, nil
}

// keep writes the file in one step. Of two that make it at once the first
// wins, and both go on with its content.
func keep(file string, data []byte) ([]byte, error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".c2pa-*") // 0600
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(f.Name()) }() // it has another name by then, or is of no use
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(f.Name(), file); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	return os.ReadFile(file)
}

// identityLife is long, because a file is to stay verifiable and nobody can
// tell the readers of files about a new one.
const identityLife = 20 * 365 * 24 * time.Hour

func makeIdentity() ([]byte, error) {
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	from := time.Now().Add(-24 * time.Hour).UTC() // clocks of readers may be late
	template := func(name string) (*x509.Certificate, error) {
		serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
		return &x509.Certificate{
			SerialNumber: serial, Subject: pkix.Name{CommonName: name, Organization: []string{"Gemini Image Chat (self-signed)"}},
			NotBefore: from, NotAfter: from.Add(identityLife), BasicConstraintsValid: true,
		}, err
	}
	root, err := template(ownName + " root")
	if err != nil {
		return nil, err
	}
	root.IsCA, root.KeyUsage = true, x509.KeyUsageCertSign
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, &rootKey.PublicKey, rootKey)
	if err != nil {
		return nil, err
	}
	if root, err = x509.ParseCertificate(rootDER); err != nil {
		return nil, err
	}
	leaf, err := template(ownName)
	if err != nil {
		return nil, err
	}
	// C2PA 2.2, 14.5.1: one of these uses has to be named.
	leaf.KeyUsage, leaf.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, root, &key.PublicKey, rootKey)
	if err != nil {
		return nil, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	var out []byte
	for _, b := range []pem.Block{{Type: "CERTIFICATE", Bytes: leafDER}, {Type: "CERTIFICATE", Bytes: rootDER}, {Type: "PRIVATE KEY", Bytes: keyDER}} {
		out = append(out, pem.EncodeToMemory(&b)...)
	}
	return out, nil
}

// deterministic signs by RFC 6979: the same file has the same signature, so
// that a preview can announce the very bytes of an export.
type deterministic struct{ *ecdsa.PrivateKey }

func (d deterministic) Sign(_ io.Reader, digest []byte, _ crypto.SignerOpts) ([]byte, error) {
	return d.PrivateKey.Sign(nil, digest, crypto.SHA256)
}

// x5chain is the COSE header of certificates (RFC 9360).
const x5chain = int64(33)

// signature is the COSE_Sign1 over a claim, its payload detached.
func (id *Identity) signature(claim []byte) ([]byte, error) {
	signer, err := cose.NewSigner(cose.AlgorithmES256, deterministic{id.key})
	if err != nil {
		return nil, err
	}
	m := cose.NewSign1Message()
	m.Headers.Protected.SetAlgorithm(cose.AlgorithmES256)
	if len(id.chain) == 1 {
		m.Headers.Protected[x5chain] = id.chain[0].Raw
	} else {
		var all []any
		for _, c := range id.chain {
			all = append(all, c.Raw)
		}
		m.Headers.Protected[x5chain] = all
	}
	m.Payload = claim
	if err := m.Sign(rand.Reader, nil, signer); err != nil {
		return nil, err
	}
	m.Payload = nil
	return m.MarshalCBOR()
}
