package gemini_test

import "context"

func fixedToken(context.Context) (string, error) { return "token-1", nil }
