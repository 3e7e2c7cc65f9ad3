package geminitest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"os"
	"strings"
)

// WriteServiceAccount writes a key file as Google Cloud gives them out, for
// GOOGLE_APPLICATION_CREDENTIALS. Its private key is new, and what it is
// exchanged for, at the stand-in itself, is Options.Key.
func (s *Server) WriteServiceAccount(path string) error {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(map[string]string{
		"type": "service_account", "project_id": "shop", "private_key_id": "1",
		"client_email": "imagechat@shop.iam.gserviceaccount.com",
		"private_key":  string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		"token_uri":    s.URL + "/token",
	})
	if err != nil {
		return err
	}
	return os.WriteFile(path, raw, 0o600)
}

// token answers the exchange of RFC 7523, without a look at the assertion.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || !strings.HasSuffix(r.PostForm.Get("grant_type"), "jwt-bearer") {
		http.Error(w, "no assertion", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(encode(map[string]any{"access_token": s.o.Key, "token_type": "Bearer", "expires_in": 3600}, ""))
}
