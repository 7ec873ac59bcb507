"""Forms as Django has them: the same names in templates, the same HTML, values and messages.

A form is a class; its fields keep the order in which they are declared. What it hands out when it
is valid is a Pydantic model with a value for each field, strict and frozen:

    class SignUp(Cleaned):
        email: Annotated[str, pydantic.Field(max_length=254)]      # a rule of the form's as well:
        username: str                                              # told in Django's words
        password1: SecretStr
        newsletter: bool = False
        country: str

        @model_validator(mode="after")                    # asked if no field has an error; for one
        def is_discreet(self) -> Self:                    # field: field_validator. To refuse raise
            if self.username in self.email:               # ValueError or, as hooks do, …
                raise ValidationError({"username": "Must not be in the address."})
            return self

    class SignUpForm(Form[SignUp]):
        email = EmailField(max_length=320, widget=EmailInput({"autocomplete": "email"}))
        username = CharField(label="Username", min_length=1, max_length=150)
        password1 = CharField(label="Password", strip=False, widget=PasswordInput())
        newsletter = BooleanField(required=False, help_text="Once a month.")
        country = ChoiceField(choices=[("", "---------"), ("nl", "Netherlands")])

        def clean_email(self) -> str:                     # hook of one field: the value to keep,
            email: str = self.cleaned_data["email"]       # or raise ValidationError(message)
            return email.lower()

        def clean(self) -> None:                          # hook of the whole form, after the fields
            if self.cleaned_data.get("username") == self.cleaned_data.get("password1"):
                self.add_error("password1", "Must differ from the username.")

A handler binds it to what was submitted. Hooks do no input or output; what only a database can
tell the handler adds itself (`refuse_if`, `add_error`), and then `is_valid()` is false:

    form = SignUpForm(visitor.form)                       # bound, even when nothing was sent
    form = SignUpForm(initial={"email": visitor.query.get("email")})    # not bound: to be filled in
    await form.refuse_if("username", partial(is_name_taken, db), "A user has that name.")
    if not form.is_valid():
        return await show("account/signup.html", form=form)
    form.cleaned                                          # SignUp(email="…", newsletter=False, …)
    form.cleaned.password1.get_secret_value()             # what is secret is in no repr and no log

Fields and their hooks convert, the model judges. A model without a value for each field, or of
types that the fields never have, is refused where the form is defined; what could not be told there
is a TypeError when it comes, for no visitor could mend it.

`add_error(None, message)` is about no field: `form.non_field_errors`. A form of which several are
on a page takes `prefix="second"`. What only the request knows (choices from a table, a field that
is not asked for) is set on one form:

    form.change("country", choices=countries, required=False)
    form.remove("newsletter")                             # the model has a default for it

A form's class may set `required_css_class`, `label_suffix`, `use_required_attribute` as Django's.

In templates, as Django's forms (Python code may name or call `as_p`, `label_tag` and
`non_field_errors`; it calls `value()`, and only names `visible_fields` and `hidden_fields`):

    {{ form.as_p }}  {{ form.errors }}  {{ form.non_field_errors }}
    {% for field in form %}
      {{ field.errors }} {{ field.label_tag }} {{ field }} {{ field.help_text }}
    {% endfor %}
    {{ form.email }}                         the same as form["email"], which Python code says
    {{ form.email.id_for_label }}, .html_name, .name, .label, .value, .initial, .field.required,
      .is_hidden, .widget_type, .errors.as_text
    {% render_field form.email class+="wide" placeholder="a@example.org" %}   of widget-tweaks
    {% for option in form.country %}{{ option.tag }} {{ option.choice_label }}{% endfor %}

Uploads (FileField, ImageField) and sets of forms are not here.
"""

from ported_domains.shared.forms.bound import BoundField
from ported_domains.shared.forms.choice_fields import (
    ChoiceField,
    MultipleChoiceField,
    NullBooleanField,
    TypedChoiceField,
)
from ported_domains.shared.forms.choice_widgets import (
    CheckboxSelectMultiple,
    NullBooleanSelect,
    RadioSelect,
    Select,
    SelectMultiple,
)
from ported_domains.shared.forms.cleaned import Cleaned
from ported_domains.shared.forms.errors import ErrorList, Errors, ValidationError
from ported_domains.shared.forms.fields import (
    BooleanField,
    CharField,
    EmailField,
    Field,
    SlugField,
    URLField,
)
from ported_domains.shared.forms.form import Form
from ported_domains.shared.forms.number_fields import DecimalField, IntegerField
from ported_domains.shared.forms.temporal_fields import DateField, DateTimeField, TimeField
from ported_domains.shared.forms.temporal_widgets import (
    DateInput,
    DateTimeInput,
    SelectDateWidget,
    TimeInput,
)
from ported_domains.shared.forms.values import Values
from ported_domains.shared.forms.widgets import (
    CheckboxInput,
    EmailInput,
    HiddenInput,
    NumberInput,
    PasswordInput,
    Textarea,
    TextInput,
    URLInput,
    Widget,
)

__all__ = [
    "BooleanField",
    "BoundField",
    "CharField",
    "CheckboxInput",
    "CheckboxSelectMultiple",
    "ChoiceField",
    "Cleaned",
    "DateField",
    "DateInput",
    "DateTimeField",
    "DateTimeInput",
    "DecimalField",
    "EmailField",
    "EmailInput",
    "ErrorList",
    "Errors",
    "Field",
    "Form",
    "HiddenInput",
    "IntegerField",
    "MultipleChoiceField",
    "NullBooleanField",
    "NullBooleanSelect",
    "NumberInput",
    "PasswordInput",
    "RadioSelect",
    "Select",
    "SelectDateWidget",
    "SelectMultiple",
    "SlugField",
    "TextInput",
    "Textarea",
    "TimeField",
    "TimeInput",
    "TypedChoiceField",
    "URLField",
    "URLInput",
    "ValidationError",
    "Values",
    "Widget",
]
