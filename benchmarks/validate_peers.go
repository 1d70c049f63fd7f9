package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/gin-gonic/gin"
	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-playground/validator/v10"
	"github.com/labstack/echo/v4"
)

// ginOrder is order for gin, which reads the same rules from a tag of its own.
type ginOrder struct {
	ID       string    `json:"id" binding:"required,uuid"`
	Tenant   string    `json:"tenant" binding:"required,max=32"`
	Email    string    `json:"email" binding:"required,max=254,email"`
	Currency string    `json:"currency" binding:"oneof=EUR USD GBP"`
	Note     string    `json:"note" binding:"max=200"`
	Units    int       `json:"units" binding:"min=1,max=1000"`
	Rank     int       `json:"rank" binding:"min=0,max=9"`
	Total    float64   `json:"total" binding:"gt=0,max=100000"`
	Gift     bool      `json:"gift"`
	Items    []ginItem `json:"items" binding:"min=1,max=50,dive"`
	Tags     []string  `json:"tags" binding:"max=10,dive,min=1,max=20"`
}

type ginItem struct {
	SKU   string  `json:"sku" binding:"required,max=20"`
	Qty   int     `json:"qty" binding:"min=1,max=100"`
	Price float64 `json:"price" binding:"gt=0"`
}

func orderGin() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.POST("/orders", func(c *gin.Context) {
		var in ginOrder
		if err := c.ShouldBindJSON(&in); err != nil {
			c.JSON(http.StatusBadRequest, gin.H{"error": err.Error()})
			return
		}
		c.JSON(http.StatusOK, receipt{in.ID, len(in.Items)})
	})
	return router
}

type echoValidator struct{ v *validator.Validate }

func (e *echoValidator) Validate(in any) error {
	if err := e.v.Struct(in); err != nil {
		return echo.NewHTTPError(http.StatusBadRequest, err.Error())
	}
	return nil
}

func orderEcho() http.Handler {
	router := echo.New()
	router.Validator = &echoValidator{validator.New(validator.WithRequiredStructEnabled())}
	router.POST("/orders", func(c echo.Context) error {
		in := new(order)
		if err := c.Bind(in); err != nil {
			return err
		}
		if err := c.Validate(in); err != nil {
			return err
		}
		return c.JSON(http.StatusOK, receipt{in.ID, len(in.Items)})
	})
	return router
}

// humaOrder is order in the tags of JSON Schema. A field is required unless it says otherwise.
type humaOrder struct {
	ID       string     `json:"id" format:"uuid"`
	Tenant   string     `json:"tenant" minLength:"1" maxLength:"32"`
	Email    string     `json:"email" maxLength:"254" format:"email"`
	Currency string     `json:"currency" enum:"EUR,USD,GBP"`
	Note     string     `json:"note" required:"false" maxLength:"200"`
	Units    int        `json:"units" minimum:"1" maximum:"1000"`
	Rank     int        `json:"rank" required:"false" minimum:"0" maximum:"9"`
	Total    float64    `json:"total" exclusiveMinimum:"0" maximum:"100000"`
	Gift     bool       `json:"gift" required:"false"`
	Items    []humaItem `json:"items" minItems:"1" maxItems:"50"`
	Tags     []string   `json:"tags" required:"false" maxItems:"10" minLength:"1" maxLength:"20"`
}

type humaItem struct {
	SKU   string  `json:"sku" minLength:"1" maxLength:"20"`
	Qty   int     `json:"qty" minimum:"1" maximum:"100"`
	Price float64 `json:"price" exclusiveMinimum:"0"`
}

type (
	humaInput  struct{ Body humaOrder }
	humaOutput struct{ Body receipt }
)

func orderHuma() http.Handler {
	mux := http.NewServeMux()
	api := humago.New(mux, huma.DefaultConfig("Orders", "1.0.0"))
	huma.Post(api, "/orders", func(_ context.Context, in *humaInput) (*humaOutput, error) {
		return &humaOutput{receipt{in.Body.ID, len(in.Body.Items)}}, nil
	})
	return mux
}

func orderV1() http.Handler {
	return orderPlain(
		func(r io.Reader, in any) error { return json.NewDecoder(r).Decode(in) },
		func(w io.Writer, out any) error { return json.NewEncoder(w).Encode(out) },
	)
}

func orderV2() http.Handler {
	return orderPlain(
		func(r io.Reader, in any) error { return jsonv2.UnmarshalRead(r, in) },
		func(w io.Writer, out any) error { return jsonv2.MarshalWrite(w, out) },
	)
}

// orderPlain is the handler that a team writes without a framework.
func orderPlain(decode func(io.Reader, any) error, encode func(io.Writer, any) error) http.Handler {
	rules := validator.New(validator.WithRequiredStructEnabled())
	answer := func(w http.ResponseWriter, status int, out any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		check(encode(w, out))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /orders", func(w http.ResponseWriter, r *http.Request) {
		var in order
		if err := decode(r.Body, &in); err != nil {
			answer(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
			return
		}
		if err := rules.Struct(&in); err != nil {
			answer(w, http.StatusUnprocessableEntity, map[string]string{"error": err.Error()})
			return
		}
		answer(w, http.StatusOK, receipt{in.ID, len(in.Items)})
	})
	return mux
}
