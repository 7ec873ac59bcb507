"""What a form's class and a handler say to a form; what a template gets of it."""

import re
from decimal import Decimal

import pytest
from markupsafe import Markup

from legacy_bridge.templates.environment import TemplateEnvironment
from legacy_bridge.templates.libraries.widget_tweaks import widget_tweaks
from ported_domains.shared import forms
from ported_domains.shared.forms import validators
from ported_domains.shared.forms.values import Values


class Account(forms.Form):
    email = forms.EmailField(widget=forms.EmailInput({"class": "x", "size": 3}))
    name = forms.CharField(max_length=5, help_text="<b>Short</b>")
    again = forms.CharField(required=False, widget=forms.HiddenInput())
    size = forms.ChoiceField(choices=[("s", "Small"), ("l", "<Large>")], widget=forms.RadioSelect())

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if email.startswith("no"):
            raise forms.ValidationError("Not %(what)s.", params={"what": "that <one>"})
        return email.lower()

    def clean(self) -> None:
        if self.cleaned_data.get("name") == "both":
            raise forms.ValidationError({"name": "One.", "size": ["Two.", "Three."]})
        if self.cleaned_data.get("name") == "none":
            raise forms.ValidationError(["Four.", forms.ValidationError("Five.")])
        if self.cleaned_data.get("name") == "added":
            self.add_error("email", "Six.")


def filled(**values: str) -> Account:
    told = {"email": "Me@Example.org", "name": "me", "size": "s", **values}
    return Account(Values(told.items()))


class TestCleaning:
    def test_hook_of_a_field(self) -> None:
        assert filled().is_valid()
        assert filled().errors == {}
        form = filled()
        form.full_clean()
        assert form.cleaned_data == {
            "email": "me@example.org",
            "name": "me",
            "again": "",
            "size": "s",
        }

    def test_hook_refuses(self) -> None:
        form = filled(email="no@example.org")
        assert not form.is_valid()
        assert form.errors == {"email": ["Not that <one>."]}
        assert "email" not in form.cleaned_data
        assert "Not that &lt;one&gt;." in form.errors["email"].as_ul

    def test_hook_is_not_called_for_a_refused_value(self) -> None:
        assert filled(email="nobody").errors == {"email": ["Enter a valid email address."]}

    def test_whole_form_refuses_by_field(self) -> None:
        form = filled(name="both")
        assert form.errors == {"name": ["One."], "size": ["Two.", "Three."]}
        assert form.cleaned_data == {"email": "me@example.org", "again": ""}
        assert form.non_field_errors == []

    def test_whole_form_refuses(self) -> None:
        form = filled(name="none")
        assert form.errors == {"__all__": ["Four.", "Five."]}
        assert form.non_field_errors == ["Four.", "Five."]
        assert form.cleaned_data["name"] == "none"

    def test_whole_form_adds(self) -> None:
        assert filled(name="added").errors == {"email": ["Six."]}

    def test_handler_adds(self) -> None:
        form = filled()
        assert form.is_valid()
        form.add_error("name", "Taken.")
        form.add_error("name", "Really.")
        form.add_error(None, "Sorry.")
        assert not form.is_valid()
        assert form.errors == {"name": ["Taken.", "Really."], "__all__": ["Sorry."]}
        assert "name" not in form.cleaned_data
        assert form.has_error("name")
        assert not form.has_error("email")

    def test_error_of_a_field_that_is_not_there(self) -> None:
        with pytest.raises(KeyError, match="Account has no field 'nme' but"):
            filled().add_error("nme", "?")

    def test_by_field_errors_about_one_field(self) -> None:
        with pytest.raises(ValueError, match="errors of 'name' name fields of their own"):
            filled().add_error("name", forms.ValidationError({"email": "?"}))

    def test_not_bound(self) -> None:
        form = Account(initial={"name": "you"})
        assert not form.is_valid()
        assert form.errors == {}
        assert form["name"].value() == "you"

    def test_markup_in_a_message_stays(self) -> None:
        form = filled()
        form.add_error("name", Markup('<a href="/">x</a>'))
        assert '<li><a href="/">x</a></li>' in form.errors["name"].as_ul


class TestDeclaring:
    def test_inheritance(self) -> None:
        class More(Account):
            extra = forms.CharField()
            name = forms.CharField(label="Again")

        assert [field.name for field in More()] == ["email", "name", "again", "size", "extra"]
        assert More()["name"].label == "Again"
        assert Account()["name"].label == "Name"

    @pytest.mark.parametrize("name", ["errors", "as_p", "data", "fields", "initial", "prefix"])
    def test_names_that_forms_have(self, name: str) -> None:
        with pytest.raises(TypeError, match=f"Bad.{name}: a form has that name; rename the field"):
            type("Bad", (forms.Form,), {name: forms.CharField()})

    def test_change_is_of_one_form(self) -> None:
        form = Account(Values([("size", "xl")]))
        form.change("size", choices=[("xl", "Huge")], help_text="h")
        form.change("name", required=False)
        form.remove("email")
        assert form.is_valid()
        assert form.cleaned_data == {"name": "", "again": "", "size": "xl"}
        assert 'value="xl"' in str(form["size"])
        assert 'value="s"' in str(Account()["size"])

    def test_validators_all_have_their_say(self) -> None:
        pattern = validators.RegexValidator(re.compile("^[a-z]+$"), "Letters only.", "letters")

        class Strict(forms.Form):
            name = forms.CharField(max_length=2, validators=[pattern])
            own = forms.CharField(
                validators=[pattern], error_messages={"letters": "Not %(value)s!"}
            )

        form = Strict(Values([("name", "123"), ("own", "4")]))
        assert form.errors == {
            "name": [
                "Letters only.",
                "Ensure this value has at most 2 characters (it has 3).",
            ],
            "own": ["Not 4!"],
        }

    def test_validators_let_pass(self) -> None:
        class Strict(forms.Form):
            name = forms.CharField(validators=[validators.RegexValidator(re.compile("^[a-z]+$"))])

        assert Strict(Values([("name", "abc")])).is_valid()

    def test_validator_of_digits_alone(self) -> None:
        with pytest.raises(forms.ValidationError, match=r"Enter a number\."):
            validators.DecimalDigits(max_digits=3, decimal_places=1)(Decimal("NaN"))

    def test_initial_may_be_asked_for(self) -> None:
        class Lazy(forms.Form):
            name = forms.CharField(initial=lambda: "now")

        assert Lazy()["name"].value() == "now"

    def test_wrong_name(self) -> None:
        with pytest.raises(KeyError, match="Account has no field 'nme' but"):
            Account()["nme"]


class TestTemplates:
    environment = TemplateEnvironment(builtins=[widget_tweaks])

    def rendered(self, template: str, form: forms.Form) -> str:
        return self.environment.from_django(template).render(form=form)

    def test_named_or_called(self) -> None:
        form = filled(name="none")
        assert self.rendered("{{ form.as_p }}", form) == form.as_p == form.as_p()
        errors = form.non_field_errors
        assert self.rendered("{{ form.non_field_errors }}", form) == errors.as_ul == errors().as_ul
        assert self.rendered("{{ form.name.label_tag }}", form) == form["name"].label_tag

    def test_field_by_name(self) -> None:
        form = filled()
        assert self.rendered("{{ form.name }}", form) == form["name"].as_widget()
        assert self.rendered("{{ form.name.help_text }}", form) == "<b>Short</b>"

    def test_field_that_is_not_there(self) -> None:
        assert self.rendered("{{ form.nme|default:'none' }}", filled()) == "none"

    def test_iteration(self) -> None:
        template = "{% for field in form %}{{ field.name }} {% endfor %}"
        assert self.rendered(template, filled()) == "email name again size "
        template = "{% for field in form.visible_fields %}{{ field.name }} {% endfor %}"
        assert self.rendered(template, filled()) == "email name size "

    def test_single_inputs(self) -> None:
        template = (
            "{% for option in form.size %}"
            "{{ option.tag }}{{ option.choice_label }}/{{ option.id_for_label }};"
            "{% endfor %}"
        )
        assert self.rendered(template, filled()) == (
            '<input type="radio" name="size" value="s" id="id_size_0" required checked>'
            "Small/id_size_0;"
            '<input type="radio" name="size" value="l" id="id_size_1" required>'
            "&lt;Large&gt;/id_size_1;"
        )
        template = "{% for option in form.name %}{{ option }}{% endfor %}"
        assert self.rendered(template, filled()) == (
            '<input type="text" name="name" value="me" maxlength="5" id="id_name" required'
            ' aria-describedby="id_name_helptext">'
        )

    @pytest.mark.parametrize(
        ("told", "printed"),
        [
            ("", 'class="x" size="3" maxlength="320" required id="id_email"'),
            (
                'class="wide" placeholder="p"',
                'class="wide" size="3" maxlength="320" placeholder="p" required id="id_email"',
            ),
            (
                'title="p" class+="w" data-x="1"',
                'class="x w" size="3" maxlength="320" data-x="1" title="p" required id="id_email"',
            ),
            ('id="own"', 'class="x" size="3" maxlength="320" id="own" required'),
            ('maxlength="9"', 'class="x" size="3" maxlength="9" required id="id_email"'),
            (
                'aria-describedby="z"',
                'class="x" size="3" maxlength="320" aria-describedby="z" required id="id_email"',
            ),
        ],
    )
    def test_render_field(self, told: str, printed: str) -> None:
        """As django-widget-tweaks 1.5 prints them."""
        template = "{% render_field form.email " + told + " %}"
        expected = f'<input type="email" name="email" {printed}>'
        assert self.rendered(template, Account()) == expected

    def test_render_field_as_another_type(self) -> None:
        template = '{% render_field form.name type="search" class+="a" %}'
        assert self.rendered(template, Account()) == (
            '<input type="search" name="name" maxlength="5" class="a" required'
            ' aria-describedby="id_name_helptext" id="id_name">'
        )


def test_password_is_not_shown_again() -> None:
    class Login(forms.Form):
        password = forms.CharField(widget=forms.PasswordInput())

    form = Login(Values([("password", "s3cret")]), initial={"password": "s3cret"})
    assert "s3cret" not in form.as_p
    assert form.is_valid()
    assert form.cleaned_data == {"password": "s3cret"}


def test_errors_print_as_a_list_of_lists() -> None:
    assert str(filled().errors) == ""
    assert str(filled(email="x").errors) == (
        '<ul class="errorlist"><li>email<ul class="errorlist" id="id_email_error">'
        "<li>Enter a valid email address.</li></ul></li></ul>"
    )
