package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/c2pa"
)

// newSigner is who signs exported files: the operator's certificate, or one
// that this instance makes for itself and keeps beside its database.
func newSigner(cfg config) (*c2pa.Signer, error) {
	if cfg.C2PACert == "" {
		return ownSigner(filepath.Join(filepath.Dir(cfg.DatabasePath), identityFile))
	}
	chain, err := os.ReadFile(cfg.C2PACert)
	if err != nil {
		return nil, &configError{Variable: "C2PA_CERT", Problem: err.Error(), Example: "./c2pa-chain.pem"}
	}
	key, err := os.ReadFile(cfg.C2PAKey)
	if err != nil {
		return nil, &configError{Variable: "C2PA_KEY", Problem: err.Error(), Example: "./c2pa-key.pem"}
	}
	id, err := c2pa.LoadIdentity(chain, key)
	if err != nil {
		return nil, &configError{Variable: "C2PA_CERT", Problem: err.Error(), Example: "./c2pa-chain.pem"}
	}
	return signerOf(id), nil
}

// ownSigner signs as the instance itself.
func ownSigner(file string) (*c2pa.Signer, error) {
	id, err := c2pa.OwnIdentity(file)
	if err != nil {
		return nil, fmt.Errorf("the instance's signing identity: %w", err)
	}
	return signerOf(id), nil
}

func signerOf(id *c2pa.Identity) *c2pa.Signer {
	return &c2pa.Signer{Identity: id, Version: currentBuild().Version}
}

// signer is who signs what a command makes without a server: as the server
// would where its data directory is here, else as this user's own instance.
// Where no identity can be kept there is none.
func (p *program) signer() (*c2pa.Signer, error) {
	cfg, _ := p.config() // settings that are of no concern here fail elsewhere
	if cfg.C2PACert != "" {
		return newSigner(cfg)
	}
	dir := filepath.Dir(cfg.DatabasePath)
	if info, err := os.Stat(dir); cfg.DatabasePath == "" || err != nil || !info.IsDir() {
		home, err := os.UserConfigDir()
		if err != nil {
			return nil, nil //nolint:nilerr // no home, no identity
		}
		dir = filepath.Join(home, "gemini-image-chat")
	}
	signer, err := ownSigner(filepath.Join(dir, identityFile))
	if err != nil {
		fmt.Fprintf(p.Stderr, "warning: the file will not be signed (C2PA): %v\n", err)
		return nil, nil
	}
	return signer, nil
}

// identityFile is the key and the certificates that an instance makes itself.
const identityFile = "c2pa-identity.pem"
