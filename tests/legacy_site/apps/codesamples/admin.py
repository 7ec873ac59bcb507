from django.contrib import admin

from legacy_site.apps.cms.admin import ContentManageableAdmin
from legacy_site.apps.codesamples.models import CodeSample

admin.site.register(CodeSample, ContentManageableAdmin)
